"""The service's pages, by the app itself without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from tests.unit.delivery.client import TestClient
from tests.unit.delivery.fakes import BASE, DATA_TIME, NOW, ROW, Source, load, release, routes, use_case

from evergreen.artifacts import Release
from evergreen.delivery.bento import Example
from evergreen.delivery.rollout.counts import BUCKETS
from evergreen.delivery.service import PredictionLog, create_app
from evergreen.errors import PermanentError, TransientError
from evergreen.hashing import key_texts, row_hashes
from evergreen.spec import UseCase

KEY = "secret-key"
Start = Callable[..., TestClient]


class Stored:
    """A prediction store in memory."""

    def __init__(self) -> None:
        self.frames: list[pl.DataFrame] = []

    def write(self, rows: pl.DataFrame) -> None:
        self.frames.append(rows)

    @property
    def rows(self) -> pl.DataFrame:
        return pl.concat(self.frames)


@pytest.fixture
def stored() -> Stored:
    return Stored()


@pytest.fixture
def start(stored: Stored) -> Iterator[Start]:
    opened: list[TestClient] = []

    def started(source: Source, **options: Any) -> TestClient:
        log = options.pop("log", None) or PredictionLog(stored.write, interval=0.01)
        app = create_app(source, api_key=KEY, log=log, clock=lambda: NOW, load=load, poll=60, **options)
        client = TestClient(app, headers={"X-API-Key": KEY}, raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        return client

    yield started
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def first(tmp_path: Path) -> Release:
    return release(tmp_path, 1, 50.0)


def predict(client: TestClient, body: Any, **kwargs: Any) -> httpx.Response:
    return client.post("/v1/trips/predict", content=json.dumps(body), **kwargs)


def test_a_prediction_names_release_model_and_data(start: Start, first: Release) -> None:
    client = start(Source(trips=routes((first, 100))))
    body = predict(client, {"rows": [ROW, {**ROW, "id": 2, "distance": 10}]}).json()
    assert {key: body[key] for key in ("release", "model_version", "dataset_version", "data_time")} == {
        "release": 1,
        "model_version": 1,
        "dataset_version": 7,
        "data_time": DATA_TIME.isoformat(),
    }
    assert [(one["prediction"], one["probability"]) for one in body["predictions"]] == [(True, 1.0), (False, 0.1)]
    assert predict(client, ROW).json()["predictions"][0]["prediction"] is True


@pytest.mark.parametrize(
    ("row", "field", "error"),
    [
        ({**ROW, "distance": "far"}, "distance", "expected a number"),
        ({**ROW, "distance": True}, "distance", "expected a number"),
        ({**ROW, "distance": None}, "distance", "must not be null"),
        ({"id": 1, "carrier": "AA"}, "distance", "missing field"),
        ({"id": 1, "distance": 1.0}, "carrier", "missing field"),
        ({**ROW, "late": True}, "late", "unknown field"),
        ({**ROW, "x\ud800": 1}, "x?", "unknown field"),
        ({**ROW, "id": 1.5}, "id", "expected a whole number"),
        ({**ROW, "id": 2**70}, "id", "expected a whole number of at most 64 bits"),
        ({**ROW, "carrier": 5}, "carrier", "expected a string"),
        ({**ROW, "carrier": "a\0b"}, "carrier", "expected a string of valid characters"),
        ({**ROW, "carrier": "\ud800"}, "carrier", "expected a string of valid characters"),
        ({**ROW, "at": "yesterday"}, "at", "expected an ISO 8601 date and time, e.g. 2013-03-01T06:30:00Z"),
    ],
)
def test_promise_5_a_row_that_does_not_fit_is_refused_by_its_fields_name(
    start: Start, first: Release, row: dict[str, Any], field: str, error: str
) -> None:
    client = start(Source(trips=routes((first, 100))))
    response = predict(client, {"rows": [ROW, row]})
    assert response.status_code == 422
    assert response.json() == {"detail": [{"row": 1, "field": field, "error": error}]}


def test_promise_5_the_schema_comes_from_the_pipeline_and_has_no_target(start: Start, first: Release) -> None:
    schema = start(Source(trips=routes((first, 100), base={**BASE, "late": "Boolean"}))).get("/v1/trips/schema").json()
    row = schema["properties"]["rows"]["items"]
    assert row["required"] == ["id", "carrier", "distance"]
    assert row["properties"] == {
        "id": {"type": "integer"},
        "carrier": {"type": ["string", "null"]},
        "distance": {"type": "number"},
        "at": {"type": ["string", "null"], "format": "date-time"},
    }
    assert row["additionalProperties"] is False


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"rows": []}', '{"rows": [1]}', '{"rows": [{}], "x": 1}', "NaN", "[" * 9999]
)
def test_a_body_that_is_no_request_is_400(start: Start, first: Release, body: str) -> None:
    client = start(Source(trips=routes((first, 100))))
    assert client.post("/v1/trips/predict", content=body).status_code == 400


def test_many_errors_make_a_short_answer(start: Start, first: Release) -> None:
    client = start(Source(trips=routes((first, 100))))
    detail = predict(client, {"rows": [{}] * 1000}).json()["detail"]
    assert len(detail) == 21
    assert detail[-1]["error"] == "and 2980 more"


def test_limits_on_size(start: Start, first: Release) -> None:
    client = start(Source(trips=routes((first, 100))), max_body=1000, max_rows=3)
    assert predict(client, {"rows": [ROW] * 100}).status_code == 413
    assert predict(client, {"rows": [ROW] * 4}).status_code == 413
    assert predict(client, {"rows": [ROW] * 3}).status_code == 200


@pytest.mark.parametrize("key", ["", "wrong", "sécret"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/trips/predict"),
        ("GET", "/v1/trips/schema"),
        ("GET", "/v1/trips"),
        ("POST", "/-/reload"),
        ("GET", "/-/stats"),
    ],
)
def test_without_the_key_nothing_is_told(start: Start, first: Release, method: str, path: str, key: str) -> None:
    client = start(Source(trips=routes((first, 100))))
    response = client.request(method, path, headers={"X-API-Key": key.encode()})
    assert response.status_code == 401


def test_unknown_use_case_is_404_with_the_names_there_are(start: Start, first: Release) -> None:
    client = start(Source(trips=routes((first, 100))))
    response = client.post("/v1/tripz/predict", json=ROW)
    assert (response.status_code, response.json()["detail"]) == (404, "there is no such use case; there are: trips")
    assert client.get("/nowhere").json() == {"detail": "Not Found"}


def test_before_the_first_release_the_service_is_ready_and_says_to_come_back(start: Start) -> None:
    client = start(Source(trips=routes()))
    response = predict(client, ROW)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["note"] == "no use case has a release yet"
    assert client.get("/healthz").status_code == 200


def test_a_release_that_fails_is_500_and_counted(start: Start, first: Release) -> None:
    client = start(Source(trips=routes((first, 100))))
    assert predict(client, ROW).status_code == 200
    response = predict(client, {**ROW, "carrier": "BOOM"})
    assert (response.status_code, response.json()["detail"]) == (500, "release 1 of `trips` failed on these rows")
    stats = client.get("/-/stats").json()["trips"]["1"]
    assert (stats["requests"], stats["errors"], sum(stats["buckets"])) == (2, 1, 1)
    metrics = client.get("/metrics").text
    assert 'evergreen_errors_total{use_case="trips",release="1"} 1' in metrics
    assert 'evergreen_request_seconds_count{use_case="trips",release="1"} 1' in metrics


def test_how_long_a_client_takes_to_send_is_not_the_releases_latency(start: Start, first: Release) -> None:
    client = start(Source(trips=routes((first, 100))))
    sent: list[MutableMapping[str, Any]] = []

    async def slowly() -> dict[str, Any]:
        await asyncio.sleep(0.4)
        return {"type": "http.request", "body": json.dumps(ROW).encode(), "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http"}
    scope |= {"path": "/v1/trips/predict", "root_path": "", "query_string": b""}
    scope |= {"headers": [(b"x-api-key", KEY.encode())]}
    assert client.portal is not None
    client.portal.call(client.app, scope, slowly, send)
    assert sent[0]["status"] == 200
    buckets = client.get("/-/stats").json()["trips"]["1"]["buckets"]
    assert sum(buckets[: BUCKETS.index(0.25) + 1]) == sum(buckets) == 1


def test_a_release_that_differs_from_the_ledger_is_not_loaded_and_the_old_stays(
    start: Start, first: Release, tmp_path: Path
) -> None:
    source = Source(trips=routes((first, 100)))
    client = start(source)
    second = release(tmp_path, 2, 500.0)
    model = tmp_path / "models" / "trips" / "v2" / "predictor" / "model.json"
    whole = model.read_text()
    model.write_text(whole + " ")
    source.now["trips"] = routes((second, 100))
    ready = client.post("/-/reload")
    assert ready.status_code == 200
    assert "differs from what the ledger says was packaged" in ready.json()["use_cases"]["trips"]["problem"]
    assert predict(client, ROW).json()["release"] == 1
    model.write_text(whole)
    assert client.post("/-/reload").json()["problems"] == {}
    assert predict(client, ROW).json()["release"] == 2


def test_a_release_that_predicts_otherwise_than_when_packaged_is_not_loaded(start: Start, tmp_path: Path) -> None:
    rows = pl.DataFrame({"carrier": ["AA"], "distance": [100.0]})
    said = pl.DataFrame({"prediction": [False], "probability": [0.25]})
    client = start(Source(trips=routes((release(tmp_path, 1, 50.0, example=Example(rows, said)), 100))))
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert "predicts 1 of 1 example rows differently" in ready.json()["problems"]["trips"]
    assert predict(client, ROW).status_code == 503


def test_unreadable_routes_leave_everything_as_it_was(start: Start, first: Release) -> None:
    source = Source(trips=routes((first, 100)))
    client = start(source)
    source.error = TransientError("down")
    assert client.post("/-/reload").json()["problems"] == {"": "the routes could not be read (TransientError)"}
    assert predict(client, ROW).status_code == 200


def test_a_key_goes_to_the_same_release_and_only_ever_forward(start: Start, first: Release, tmp_path: Path) -> None:
    second = release(tmp_path, 2, 500.0)
    source = Source(trips=routes((first, 90), (second, 10)))
    client = start(source)

    def on_second() -> set[int]:
        body = predict(client, {"rows": [{**ROW, "id": number} for number in range(1000)]}).json()
        assert body["release"] is None
        return {number for number, one in enumerate(body["predictions"]) if one["release"] == 2}

    tenth = on_second()
    assert 60 < len(tenth) < 140
    assert on_second() == tenth
    alone = {number for number in range(50) if predict(client, {**ROW, "id": number}).json()["release"] == 2}
    assert alone == {number for number in tenth if number < 50}
    source.now["trips"] = routes((second, 50), (first, 50))
    client.post("/-/reload")
    assert tenth < on_second()


def test_what_was_predicted_is_stored_with_the_rows_hash(start: Start, first: Release, stored: Stored) -> None:
    client = start(Source(trips=routes((first, 100))))
    body = predict(client, {**ROW, "at": "2013-03-01T06:30:00"}).json()
    client.__exit__(None, None, None)
    row = stored.rows.row(0, named=True)
    assert row["prediction_id"] == body["predictions"][0]["id"]
    table = pl.DataFrame({**{k: [v] for k, v in ROW.items()}, "at": ["2013-03-01T06:30:00Z"]}).with_columns(
        pl.col("at").str.to_datetime(time_zone="UTC")
    )
    assert row["features_hash"] == row_hashes(table, table.columns)[0]
    assert row["key"] == key_texts(table, ["id"])[0]
    assert (row["kind"], row["prediction"], row["probability"], row["release"]) == ("request", "true", 1.0, 1)
    assert (row["data_time"], row["made_at"]) == (DATA_TIME, NOW)


def test_promise_11_personal_columns_are_anonymised_before_anything_is_stored(
    start: Start, first: Release, stored: Stored
) -> None:
    personal = {"trips": {"type": "files", "path": "x", "key": ["id"], "personal": {"carrier": "mask"}}}
    source = Source(trips=routes((first, 100), case=use_case(sources=personal)))

    def masked(case: UseCase, rows: pl.DataFrame) -> pl.DataFrame:
        assert case.sources["trips"].personal, "the use case that is served, which nobody has to read again"
        return rows.with_columns(carrier=pl.lit("***"))

    client = start(source, anonymise=masked)
    assert predict(client, {**ROW, "carrier": "Jane"}).status_code == 200
    client.__exit__(None, None, None)
    assert "Jane" not in str(stored.rows.rows())
    assert '"carrier": "***"' in stored.rows["features"][0]


def test_promise_11_without_an_anonymiser_personal_columns_are_not_served(start: Start, first: Release) -> None:
    personal = {"trips": {"type": "files", "path": "x", "key": ["id"], "personal": {"carrier": "mask"}}}
    client = start(Source(trips=routes((first, 100), case=use_case(sources=personal))))
    assert predict(client, ROW).status_code == 503
    assert "nothing to anonymise" in client.get("/readyz").json()["problems"]["trips"]


LOOKUP = {
    "key": ["id"],
    "event_time": "at",
    "serving": {"lookup": "latest"},
    "prepare": {"base": "trips", "join": [{"source": "weather", "on": ["carrier"]}]},
    "sources": {
        "trips": {"type": "files", "path": "x", "key": ["id"]},
        "weather": {"type": "files", "path": "y", "key": ["carrier"]},
    },
}
LOOKUP_BASE = {name: kind for name, kind in BASE.items() if name != "distance"}
ASKED = {"id": 1, "carrier": "AA", "at": "2013-03-01T06:30:00Z"}


def looked_up(case: UseCase, rows: pl.DataFrame, *, version: int, at_most: datetime) -> pl.DataFrame:
    assert (case.name, version, at_most) == ("trips", 7, DATA_TIME)
    assert rows.columns == ["id", "carrier", "at"]
    return rows.with_columns(
        distance=pl.lit(10.0), temp=pl.lit(1.0), _row=pl.lit("table-hash"), _cutoff=pl.lit(DATA_TIME)
    )


def test_promise_5_lookup_fills_the_joined_columns_and_the_answer_names_the_cutoff(
    start: Start, first: Release, stored: Stored
) -> None:
    source = Source(trips=routes((first, 100), case=use_case(**LOOKUP), base=LOOKUP_BASE))
    client = start(source, lookup=looked_up)
    assert client.get("/v1/trips/schema").json()["properties"]["rows"]["items"]["required"] == ["id", "carrier", "at"]
    body = predict(client, ASKED).json()
    assert body["predictions"][0]["probability"] == 0.1
    assert body["predictions"][0]["cutoff"] == body["data_time"] == DATA_TIME.isoformat()
    client.__exit__(None, None, None)
    assert stored.rows["features_hash"].to_list() == ["table-hash"]
    assert json.loads(stored.rows["features"][0])["temp"] == 1.0


def test_a_joined_column_in_the_request_counts_instead_of_the_looked_up_one(
    start: Start, first: Release, stored: Stored
) -> None:
    source = Source(trips=routes((first, 100), case=use_case(**LOOKUP), base=LOOKUP_BASE))
    client = start(source, lookup=looked_up)
    body = predict(client, {"rows": [{**ASKED, "distance": 50.0}, {**ASKED, "id": 2}]}).json()
    assert [one["probability"] for one in body["predictions"]] == [0.5, 0.1]
    client.__exit__(None, None, None)
    assert "table-hash" not in stored.rows["features_hash"].to_list()


def test_a_lookup_that_fails_asks_to_come_back(start: Start, first: Release) -> None:
    def down(_case: UseCase, _rows: pl.DataFrame, *, version: int, at_most: datetime) -> pl.DataFrame:
        raise TransientError("the registry is being repaired")

    source = Source(trips=routes((first, 100), case=use_case(**LOOKUP), base=LOOKUP_BASE))
    response = predict(start(source, lookup=down), ASKED)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json()["detail"] == "the registry is being repaired"


def test_nothing_of_a_row_is_logged_when_a_model_fails(
    start: Start, first: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    client = start(Source(trips=routes((first, 100))))
    predict(client, {**ROW, "carrier": "BOOM", "distance": 12345.5})
    said = capsys.readouterr()
    assert "RuntimeError at fakes.py" in said.out + said.err
    assert "12345.5" not in said.out + said.err
    assert "BOOM" not in said.out + said.err


def test_rows_that_the_use_case_leaves_out_are_refused(start: Start, first: Release) -> None:
    def some(case: UseCase, rows: pl.DataFrame, *, version: int, at_most: datetime) -> pl.DataFrame:
        return looked_up(case, rows, version=version, at_most=at_most).filter(pl.col("id") != 2)

    source = Source(trips=routes((first, 100), case=use_case(**LOOKUP), base=LOOKUP_BASE))
    response = predict(start(source, lookup=some), {"rows": [ASKED, {**ASKED, "id": 2}]})
    assert response.status_code == 422
    error = "the use case leaves such rows out (`prepare.where`)"
    assert response.json()["detail"] == [{"row": 1, "field": "id", "error": error}]


def test_rows_that_are_left_out_in_a_rollout_are_named_as_the_request_counts_them(
    start: Start, first: Release, tmp_path: Path
) -> None:
    lookups: list[int] = []

    def some(case: UseCase, rows: pl.DataFrame, *, version: int, at_most: datetime) -> pl.DataFrame:
        lookups.append(rows.height)
        filled = looked_up(case, rows, version=version, at_most=at_most)
        return filled.with_columns(pl.col("id").cast(pl.Int32)).filter(pl.col("id") % 7 != 3)

    shared = ((first, 50), (release(tmp_path, 2, 500.0), 50))
    source = Source(trips=routes(*shared, case=use_case(**LOOKUP), base=LOOKUP_BASE))
    rows = [{**ASKED, "id": number} for number in range(40)]
    detail = predict(start(source, lookup=some), {"rows": rows}).json()["detail"]
    assert [one["row"] for one in detail] == [3, 10, 17, 24, 31, 38]
    assert (len(lookups), sum(lookups)) == (2, 40), "one lookup a release, however many rows are left out"


BROKEN = {
    **LOOKUP,
    "prepare": {"base": "trips", "join": [{"source": "weather", "on": ["carrier"]}], "where": "distance >"},
}
NOT_READ = "prepare.where is not a Polars SQL expression"


def test_a_use_case_that_cant_be_read_keeps_no_other_one_from_its_new_release(
    start: Start, first: Release, tmp_path: Path
) -> None:
    draft = routes(case=use_case(**{**BROKEN, "name": "draft"}))
    source = Source(draft=draft, trips=routes((first, 100)))
    client = start(source)
    ready = client.get("/readyz")
    assert ready.status_code == 200, "nobody waits for a draft without a release"
    assert NOT_READ in ready.json()["problems"]["draft"]
    source.now["trips"] = routes((release(tmp_path, 2, 500.0), 100))
    assert client.post("/-/reload").status_code == 200
    assert predict(client, ROW).json()["release"] == 2
    source.now["draft"] = routes((release(tmp_path, 1, 50.0, name="draft"), 100), case=draft.use_case)
    assert client.post("/-/reload").status_code == 503
    assert NOT_READ in client.post("/v1/draft/predict", json=ASKED).json()["detail"]


def test_a_use_case_that_cant_be_read_any_more_goes_on_as_it_was_with_the_releases_it_is_to_have(
    start: Start, first: Release, tmp_path: Path
) -> None:
    source = Source(trips=routes((first, 100), case=use_case(**LOOKUP), base=LOOKUP_BASE))
    client = start(source, lookup=looked_up)
    source.now["trips"] = routes((release(tmp_path, 2, 500.0), 100), case=use_case(**BROKEN), base=LOOKUP_BASE)
    for _ in range(2):
        assert NOT_READ in client.post("/-/reload").json()["problems"]["trips"]
        assert predict(client, ASKED).json()["release"] == 2
    source.now["trips"] = routes((first, 100), case=use_case(**LOOKUP), base=LOOKUP_BASE)
    assert client.post("/-/reload").json()["problems"] == {}
    assert predict(client, ASKED).json()["release"] == 1


def test_promise_11_a_personal_column_of_a_join_is_not_taken_from_a_request(start: Start, first: Release) -> None:
    sources = {
        "trips": {"type": "files", "path": "x", "key": ["id"]},
        "weather": {"type": "files", "path": "y", "key": ["carrier"], "personal": {"distance": "mask"}},
    }
    case = use_case(**{**LOOKUP, "sources": sources})
    client = start(Source(trips=routes((first, 100), case=case, base=LOOKUP_BASE)), lookup=looked_up)
    assert predict(client, {**ASKED, "distance": 1.0}).json()["detail"][0]["error"] == "unknown field"
    assert predict(client, ASKED).status_code == 200


def test_a_broken_newcomer_does_not_keep_the_old_release_from_starting(
    start: Start, first: Release, tmp_path: Path
) -> None:
    second = release(tmp_path, 2, 500.0)
    (tmp_path / "bentos" / "trips" / "v2" / "bento.yaml").unlink()
    client = start(Source(trips=routes((first, 95), (second, 5))))
    assert predict(client, ROW).json()["release"] == 1
    assert "no whole bento" in client.get("/readyz").json()["problems"]["trips"]
    assert client.get("/-/stats").json()["trips"].keys() == {"1"}


def test_without_an_api_key_there_is_no_service() -> None:
    with pytest.raises(PermanentError, match="no API key"):
        create_app(Source(), api_key="", log=PredictionLog(print), clock=lambda: NOW)
