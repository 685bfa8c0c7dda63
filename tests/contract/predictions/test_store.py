"""The predictions store on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import Engine, create_engine, text

from evergreen.errors import PermanentError, TransientError
from evergreen.predictions import COLUMNS, Prediction, PredictionStore, batch_ids

T0 = datetime(2013, 3, 1, 2, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> PredictionStore:
    store = PredictionStore(engine)
    store.create()
    return store


def rows(count: int = 3, **changes: object) -> pl.DataFrame:
    values: dict[str, object] = {
        "prediction_id": [f"id{number}" for number in range(count)],
        "use_case": "trips",
        "key": [f"k{number}" for number in range(count)],
        "at": [T0 + timedelta(hours=number, microseconds=number) for number in range(count)],
        "data_time": T0,
        "made_at": T0,
        "release": 1,
        "model_version": 2,
        "dataset_version": 3,
        "kind": "batch",
        "features_hash": "f" * 32,
        "prediction": "true",
        "probability": 0.25,
        "probabilities": None,
        "features": None,
        **changes,
    }
    lists = {name: value if isinstance(value, list) else [value] * count for name, value in values.items()}
    return pl.DataFrame(lists, schema=COLUMNS)


def test_what_is_written_is_found_as_it_was(store: PredictionStore) -> None:
    hard = 'a "quoted", line\nbreak \\. \\N ∅ 日本'
    features = '{"name": "O\'Hare, \\"x\\"", "n": null, "u": "\\u0000"}'
    store.write(rows(1, key=hard, features=features, prediction="", probabilities='{"a": 0.1}', probability=None))
    assert store.find("id0") == Prediction(
        prediction_id="id0",
        use_case="trips",
        key=hard,
        at=T0,
        data_time=T0,
        made_at=T0,
        release=1,
        model_version=2,
        dataset_version=3,
        kind="batch",
        features_hash="f" * 32,
        prediction="",
        probability=None,
        probabilities={"a": 0.1},
        features={"name": 'O\'Hare, "x"', "n": None, "u": "\0"},
    )
    assert store.find("nothing") is None


def test_writing_twice_adds_nothing_and_changes_nothing(store: PredictionStore) -> None:
    assert store.write(rows()) == 3
    assert store.write(rows(4, prediction="false")) == 1
    assert [store.find(f"id{n}").prediction for n in range(4)] == ["true", "true", "true", "false"]  # type: ignore[union-attr]
    assert store.write(rows(0)) == 0


def test_a_window_is_half_open_and_in_order_of_time(store: PredictionStore) -> None:
    store.write(rows(5).reverse())
    store.write(rows(1, prediction_id="other", use_case="planes"))
    store.write(rows(1, prediction_id="timeless", at=[None], data_time=T0 + timedelta(minutes=90)))
    found = store.window("trips", T0 + timedelta(hours=1), T0 + timedelta(hours=3))
    assert found["prediction_id"].to_list() == ["id1", "timeless", "id2"]
    assert found.schema == pl.Schema({name: dtype for name, dtype in COLUMNS.items() if name != "features"})
    assert found["at"][0] == T0 + timedelta(hours=1, microseconds=1)
    nothing = store.window("trips", T0 - timedelta(days=2), T0 - timedelta(days=1))
    assert nothing.schema == found.schema
    assert nothing.is_empty()


def test_scored_keys_are_by_release_and_kind(store: PredictionStore) -> None:
    store.write(rows(2))
    store.write(rows(1, prediction_id="r", key="asked", kind="request"))
    store.write(rows(1, prediction_id="s", key="second", release=2))
    store.write(rows(1, prediction_id="p", key="played", kind="replayed"))
    assert store.scored_keys("trips", 1) == {"k0", "k1"}
    assert store.scored_keys("trips", None) == {"k0", "k1", "second"}
    assert store.scored_keys("trips", None, ("batch", "replayed", "request")) >= {"asked", "played"}


def test_many_rows_go_in_one_statement(store: PredictionStore) -> None:
    count = 50_000
    ids = batch_ids("trips", 1, "batch", [str(number) for number in range(count)])
    assert store.write(rows(count).with_columns(ids)) == count
    assert store.window("trips", T0, T0 + timedelta(days=9999)).height == count


def test_creating_at_once_from_many_threads(engine: Engine) -> None:
    with ThreadPoolExecutor(5) as threads:
        list(threads.map(lambda _: PredictionStore(engine).create(), range(5)))


def test_errors_are_typed_and_hold_no_values(store: PredictionStore, engine: Engine, database_url: str) -> None:
    with pytest.raises(PermanentError, match="without the columns key") as missing:
        store.write(rows().drop("key"))
    assert "id0" not in str(missing.value)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE evergreen.predictions ADD CHECK (key <> 'Jane')"))
    with pytest.raises(PermanentError, match="SQLSTATE 23514") as refused:
        store.write(rows(key="Jane"))
    assert "Jane" not in str(refused.value)
    away = PredictionStore(create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/none"))
    with pytest.raises(TransientError, match="not reachable"):
        away.find("id0")
