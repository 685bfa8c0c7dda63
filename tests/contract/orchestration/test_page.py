"""The page's web app over a real ledger and a real registry; only who is logged in is made up."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.contract.orchestration.conftest import PASSWORD
from tests.contract.orchestration.history import SECRET_VALUE, tell, write_report

from evergreen.errors import TransientError
from evergreen.loop.instance import Instance

REPORT = "flights@v12-release3.html"


@pytest.fixture
def client(instance: Instance, airflow_home: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Someone who may see everything."""
    return client_of(lambda: instance, monkeypatch, may_read=lambda names: list(names))


class Client:
    """Asks the app without a server between."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
                return await client.request(method, path, **given)

        return asyncio.run(asked())


def client_of(opening: Any, monkeypatch: pytest.MonkeyPatch, may_read: Any) -> Client:
    from airflow.api_fastapi.core_api.security import get_user

    from evergreen.orchestration.page import app as module

    monkeypatch.setattr(module, "requires_access_dag", lambda method: lambda: None)
    monkeypatch.setattr(module, "readable", lambda names, user: may_read(names))
    app = module.build_app(opening)
    app.dependency_overrides[get_user] = lambda: "someone"
    return Client(app)


def test_a_card_says_what_the_use_case_is_at(client: Client, instance: Instance) -> None:
    tell(instance)
    page = client.get("/api/state").json()
    assert (page["total"], page["problems"]) == (1, [])
    card = page["cards"][0]
    assert (card["name"], card["owner"], card["status"]) == ("flights", "flight-ops@example.com", "held")
    assert card["data"] == {
        "version": "flights@v12",
        "rows": 35452,
        "quarantine": 36,
        "data_time": "2013-03-13T02:00:00Z",
        "restores": None,
    }
    active = card["active"]
    assert (active["release"], active["model"], active["candidate"]) == (2, 2, "lightgbm")
    assert (active["dataset_version"], active["why"]) == (6, "rolled back from release 3")
    decision = card["decision"]
    assert (decision["retrain"], decision["answer"]) == (False, "The last training was 1 day ago.")
    assert [reason["check"] for reason in decision["reasons"]] == ["rows", "cooldown", "trigger", "gain"]
    assert (card["gate"]["verdict"], card["gate"]["model"], card["gate"]["against"]) == ("pass", 3, "release 2")
    assert card["look"]["violation"] is True
    assert [(item["kind"], item["subject"], item["at_work"]) for item in card["waiting"]] == [
        ("score", "flights@v12", False)
    ]
    assert [(hold["what"], hold["command"]) for hold in card["holds"]] == [
        ("retrain", "evergreen resume flights"),
        ("deploy", "evergreen resume flights"),
    ]
    assert [row["release"] for row in card["activations"]] == [2, 3, 2, 1]
    alert = {"kind": "held", "text": "flights: held since flights@v12", "data_time": "2013-03-13T02:00:00Z"}
    assert card["alerts"] == [alert], "the first night's is old: a later one was scored"


def test_no_row_and_no_secret_is_on_the_page(client: Client, instance: Instance) -> None:
    tell(instance)
    text = client.get("/api/state").text + client.get("/").text
    assert SECRET_VALUE not in text
    assert PASSWORD not in text
    assert instance.engine.url.password
    assert instance.engine.url.password not in text
    assert "https://mlflow.example/base/#/models/flights/versions/2" in text


def test_a_long_past_costs_no_more_than_a_short_one(client: Client, instance: Instance) -> None:
    from tests.contract.orchestration.history import START

    from evergreen.ledger.items import add_item
    from evergreen.ledger.releases import activate

    tell(instance)
    with instance.ledger() as db:
        for n in range(4, 60):
            why = "y" * 5000
            activate(db, "flights", 1 + n % 3, after=n, why=why, run_id=f"again-{n}", data_time=START)
            add_item(db, "flights", "train", f"flights@v{n}", START, {})
    answer = client.get("/api/state")
    card = answer.json()["cards"][0]
    assert (len(card["activations"]), len(card["waiting"]), card["waiting_more"]) == (6, 10, 47)
    assert len(answer.content) < 20_000


def test_a_broken_use_case_shows_its_problems_and_the_others_go_on(client: Client, instance: Instance) -> None:
    tell(instance)
    broken = instance.settings.use_cases / "churn"
    broken.mkdir()
    (broken / "use_case.yaml").write_text("name: churn\ntask: binray\n")
    churn, flights = client.get("/api/state").json()["cards"]
    assert churn["status"] == "problem"
    assert any("use_case.yaml:2: task: unknown value" in problem for problem in churn["problems"])
    assert flights["status"] == "held"
    (broken / "use_case.yaml").write_text("name: churn\ntask: binary\n")
    repaired = client.get("/api/state").json()["cards"][0]
    assert not any("task: unknown value" in problem for problem in repaired["problems"]), "the file is read again"


def test_a_new_use_case_has_an_empty_card_and_looking_makes_nothing(client: Client, instance: Instance) -> None:
    card = client.get("/api/state").json()["cards"][0]
    assert card["status"] == "new"
    assert (card["data"], card["active"], card["decision"], card["gate"]) == (None, None, None, None)
    assert not instance.settings.registry.exists()


def test_a_database_that_is_gone_is_said_without_its_password(
    instance: Instance, airflow_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Instance(**{**instance.__dict__, "database_url": "postgresql+psycopg2://e:topsecret@127.0.0.1:9/evergreen"})
    client = client_of(lambda: gone, monkeypatch, may_read=list)
    answer = client.get("/api/state")
    assert answer.status_code == 200
    assert "doesn't answer" in answer.json()["cards"][0]["problems"][0]
    assert "topsecret" not in answer.text


def test_an_instance_that_can_not_be_opened_is_asked_again_at_the_next_look(
    instance: Instance, airflow_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [TransientError("PostgreSQL restarts")]

    def opening() -> Instance:
        if failures:
            raise failures.pop()
        return instance

    client = client_of(opening, monkeypatch, may_read=list)
    assert client.get("/api/state").json()["problems"] == ["PostgreSQL restarts"]
    assert client.get("/api/state").json()["problems"] == []


def test_cards_come_in_slices_by_name(client: Client, instance: Instance) -> None:
    for name in ("ab", "abc", "b"):
        (instance.settings.use_cases / name).mkdir()
        (instance.settings.use_cases / name / "use_case.yaml").write_text("")
    page = client.get("/api/state", params={"offset": 1, "limit": 2}).json()
    assert (page["total"], [card["name"] for card in page["cards"]]) == (4, ["abc", "b"])
    found = client.get("/api/state", params={"q": "AB"}).json()
    assert [card["name"] for card in found["cards"]] == ["ab", "abc"]
    assert client.get("/api/state", params={"limit": 51}).status_code == 422


def test_who_may_not_read_the_dags_sees_no_card_and_no_report(
    instance: Instance, airflow_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(instance, REPORT)
    client = client_of(lambda: instance, monkeypatch, may_read=lambda names: [])
    assert client.get("/api/state").json() == {"cards": [], "total": 0, "offset": 0, "problems": []}
    assert client.get(f"/reports/flights/{REPORT}").status_code == 404


def test_use_cases_are_visible_to_who_may_read_their_dags(airflow_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.api_fastapi import app
    from airflow.models.dag import DagModel

    from evergreen.orchestration.page.access import readable

    class Manager:
        def is_authorized_dag(self, *, method: str, details: Any, user: str) -> bool:
            return (method, details.id, details.team_name, user) == ("GET", "flights.ingest", "ops", "someone")

    monkeypatch.setattr(app, "get_auth_manager", Manager)
    monkeypatch.setattr(DagModel, "get_dag_id_to_team_name_mapping", lambda ids: {"flights.ingest": "ops"})
    assert readable(["churn", "flights"], "someone") == ["flights"]  # type: ignore[arg-type]


def test_the_newest_report_is_linked_and_runs_in_an_origin_of_its_own(client: Client, instance: Instance) -> None:
    write_report(instance, "flights@v9-release3.html")
    write_report(instance, REPORT)
    links = {link["label"]: link for link in client.get("/api/state").json()["cards"][0]["links"]}
    assert links["Evidently"]["url"] == "reports/flights/flights%40v12-release3.html"
    answer = client.get("/" + links["Evidently"]["url"])
    assert answer.status_code == 200
    assert "drawn" in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize(
    "path",
    ["flights/..%2F..%2Fsecrets%2Fapi_key", "flights/.hidden.html", "flights/nothing.html", "..%2Fflights/x.html"],
)
def test_no_other_file_is_served_as_a_report(client: Client, instance: Instance, path: str) -> None:
    for file in (REPORT, ".hidden.html"):
        write_report(instance, file)
    assert client.get(f"/reports/{path}").status_code == 404


def test_the_page_is_one_document_that_asks_nobody_else(client: Client) -> None:
    first, second = client.get("/"), client.get("/")
    assert first.status_code == 200
    assert "http://" not in first.text
    assert "https://" not in first.text
    assert "{{" not in first.text
    policy = first.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert first.headers["content-security-policy"] != second.headers["content-security-policy"]
    assert client.get("/icon.svg").headers["content-type"].startswith("image/svg+xml")
    assert client.ask("POST", "/api/state").status_code == 405


@pytest.mark.parametrize("path", ["/", "/icon.svg", "/api/state", "/reports/flights/x.html"])
def test_promise_12_every_route_refuses_who_is_not_logged_in(instance: Instance, airflow_home: Path, path: str) -> None:
    from evergreen.orchestration.page.app import build_app

    answer = Client(build_app(lambda: instance)).get(path)
    assert answer.status_code == 401
    assert "flights" not in json.dumps(answer.json())


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_promise_12_no_route_is_documented_to_strangers(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
