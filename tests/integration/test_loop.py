"""A real scheduler goes round the loop by itself; then every system is asked what it holds. Tests run in order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from datetime import datetime, timedelta
from typing import Any

import httpx
import psutil
import pytest
from tests.faults.toy import NIGHTS

from evergreen.local.story.airflow_client import Run

from .conftest import System

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
WAIT = 300.0


def woken(system: System, what: str, known: set[str]) -> Run:
    run_id = system.airflow.wait_for_new(f"toy.{what}", known, timeout=120)
    return system.airflow.wait(f"toy.{what}", run_id, timeout=WAIT)


def known(system: System, what: str) -> set[str]:
    return {run.run_id for run in system.airflow.runs(f"toy.{what}")}


def ingest(system: System, night: datetime) -> Run:
    system.toy.drop(night)
    run_id = system.airflow.trigger("toy.ingest", {"as_of": night.isoformat()})
    return system.airflow.wait("toy.ingest", run_id, timeout=WAIT)


def predict(system: System) -> httpx.Response:
    row = {"order_id": "new-1", "ordered_at": "2024-02-05T09:00:00Z", "price": 180.0, "weight": 1.0, "shop": "web"}
    return httpx.post(
        f"{system.service_url}/v1/toy/predict", json={"rows": [row]}, headers={"X-API-Key": system.api_key}, timeout=30
    )


def test_one_night_wakes_the_whole_loop(system: System) -> None:
    deadline = time.monotonic() + 120
    while not {"toy.ingest", "toy.score", "rollback", "maintenance"} <= system.airflow.dag_ids():
        assert time.monotonic() < deadline, system.airflow.import_errors()
        time.sleep(1)
    assert system.airflow.import_errors() == []
    before = {what: known(system, what) for what in ("monitor", "train", "deploy", "score")}
    run = ingest(system, NIGHTS[0])
    assert run.state == "success", run.url
    monitored = woken(system, "monitor", before["monitor"])
    assert system.airflow.task_states(monitored)["wake_training"] == "success", "a cold start says yes"
    trained = woken(system, "train", before["train"])
    assert system.airflow.task_states(trained)["wake_deploy"] == "success", "the challenger beats the baseline"
    deployed = woken(system, "deploy", before["deploy"])
    assert deployed.state == "success", deployed.url
    deadline = time.monotonic() + WAIT
    while system.toy.state()["open"]:
        assert time.monotonic() < deadline, system.toy.state()["open"]
        time.sleep(2)


def test_the_scheduler_imported_ahead_of_its_tasks(system: System) -> None:
    assert "imported ahead of the tasks: pandas" in (system.toy.home / "logs" / "airflow-scheduler.log").read_text()


def test_every_system_holds_what_it_should(system: System) -> None:
    state = system.toy.state()
    assert [v["table"][0] for v in state["versions"]] == [1240], "the registry"
    assert state["decisions"] == [[NIGHTS[0].isoformat(), 1, True]], "the ledger"
    assert state["active"]["activation"] == 1
    assert state["scored"][0] == 40, "the upcoming orders of one day"
    tags = subprocess.run(
        ["git", "tag"], cwd=system.toy.home / "registry", capture_output=True, text=True, check=True
    ).stdout.split()
    assert tags == ["toy@v1"]
    found = httpx.get(
        f"{system.mlflow_url}/api/2.0/mlflow/registered-models/alias",
        params={"name": "toy", "alias": "champion"},
        timeout=30,
    ).json()
    assert found["model_version"]["version"] == "1", "MLflow"
    bentos = list((system.toy.home / "bentoml" / "bentos" / "toy").iterdir())
    assert len([path for path in bentos if path.is_dir()]) == 1, "the bento store"


def told(system: System, kind: str) -> list[dict[str, Any]]:
    """The alerts of a kind on the page inside Airflow."""
    return [alert for alert in system.card()["alerts"] if alert["kind"] == kind]


def test_predictions_past_their_deadline_are_an_alert_everywhere(system: System) -> None:
    deadline = time.monotonic() + WAIT
    while not told(system, "late"):
        assert time.monotonic() < deadline, "the executor runs the callback after what was queued before it"
        time.sleep(0.5)
    (alert,) = told(system, "late")
    assert "toy.score" in alert["text"]
    assert alert["data_time"] == f"{NIGHTS[0]:%Y-%m-%dT%H:%M:%SZ}", "the night's data time, not the clock's"
    status, said = system.toy.run("alerts", "toy")
    assert status == 0, said
    assert said.count("late") == 1
    assert [(body["kind"], body["text"]) for body in system.posted] == [("late", alert["text"])]


def test_the_service_answers_with_release_and_data(system: System) -> None:
    answer = predict(system)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["release"], body["dataset_version"]) == (1, 1)
    assert 0 <= body["predictions"][0]["probability"] <= 1
    time.sleep(1.5)
    status, said = system.toy.run("trace", body["predictions"][0]["id"])
    assert status == 0, said
    assert "release 1" in said
    assert "toy@v1" in said


def test_a_killed_scheduler_costs_no_night(system: System) -> None:
    system.toy.drop(NIGHTS[1])
    run_id = system.airflow.trigger("toy.ingest", {"as_of": NIGHTS[1].isoformat()})
    time.sleep(2)
    os.kill(system.pid("airflow-scheduler"), signal.SIGKILL)
    run = system.airflow.wait("toy.ingest", run_id, timeout=WAIT)
    assert run.state == "success", run.url
    assert [v["table"][0] for v in system.toy.state()["versions"]] == [1240, 1280]


def test_a_killed_database_costs_no_night(system: System) -> None:
    system.toy.drop(NIGHTS[2])
    run_id = system.airflow.trigger("toy.ingest", {"as_of": NIGHTS[2].isoformat()})
    time.sleep(2)
    pid = system.toy.postgres_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    run = system.airflow.wait("toy.ingest", run_id, timeout=WAIT)
    if run.state != "success":  # the run itself may have been lost with the database; the next one recovers
        run = ingest(system, NIGHTS[2])
    assert run.state == "success", run.url
    assert [v["table"][0] for v in system.toy.state()["versions"]] == [1240, 1280, 1320]
    deadline = time.monotonic() + 60
    while (answer := predict(system)).status_code != 200:
        assert time.monotonic() < deadline, answer.text
        time.sleep(1)


def test_a_killed_task_is_tried_again(system: System) -> None:
    night = NIGHTS[2] + timedelta(days=1)
    system.toy.drop(night)
    run_id = system.airflow.trigger("toy.ingest", {"as_of": night.isoformat()})
    victim = None
    deadline = time.monotonic() + 60
    while victim is None and time.monotonic() < deadline:
        victim = running_task(system)
        time.sleep(0.1)
    assert victim is not None, "no task was seen running"
    victim.kill()
    run = system.airflow.wait("toy.ingest", run_id, timeout=WAIT)
    assert run.state == "success", run.url
    assert [v["table"][0] for v in system.toy.state()["versions"]] == [1240, 1280, 1320, 1360]


def running_task(system: System) -> psutil.Process | None:
    """A process that runs a task's code: the youngest descendant of the scheduler that works for a task."""
    family = psutil.Process(system.pid("airflow-scheduler")).children(recursive=True)
    tasks = [one for one in family if one.is_running() and one.children() == [] and one.parent() is not None]
    grandchildren = [one for one in tasks if one.ppid() != system.pid("airflow-scheduler")]
    return max(grandchildren, key=lambda one: one.create_time(), default=None)


def test_a_release_is_rolled_back_by_the_form_only_where_there_is_one(system: System) -> None:
    run_id = system.airflow.trigger("rollback", {"use_case": "toy", "release": 7})
    run = system.airflow.wait("rollback", run_id, timeout=WAIT)
    assert run.state == "failed", "release 7 does not exist"
    run_id = system.airflow.trigger("rollback", {"use_case": "toy", "version": 1})
    run = system.airflow.wait("rollback", run_id, timeout=WAIT)
    assert run.state == "success", run.url
    state = system.toy.state()
    assert state["versions"][-1]["restores"] == 1
    assert "ingest" in state["held"]
    night = NIGHTS[2] + timedelta(days=2)  # later than whatever has been scored, or its alert is old at once
    skipped = ingest(system, night)
    assert skipped.state == "success"
    assert system.airflow.task_states(skipped)["publish"] == "skipped", "a held night is skipped"
    (alert,) = told(system, "held")
    assert "evergreen resume toy" in alert["text"]
    assert [body["text"] for body in system.posted if body["kind"] == "held"] == [alert["text"]]
    assert ingest(system, night).state == "success"
    assert len(told(system, "held")) == 1, "once a night"
