"""Airflow itself under the supervisor: healthy, open to its generated log-in only, quick, and gone after a stop."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from evergreen.local.airflow import needs_migration
from evergreen.local.connections import http_entry, write_connections
from evergreen.local.endpoints import Endpoints, read_endpoints
from evergreen.local.ports import free_port
from evergreen.local.postgres import EmbeddedPostgres
from evergreen.local.settings import LocalSettings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

INCLUDE = Path(__file__).resolve().parents[3] / "include"
DAG = '''
"""A small airflow dag."""
import pendulum
from airflow.sdk import dag, task

@dag(schedule=None, start_date=pendulum.datetime(2024, 1, 1, tz="UTC"), params={"nap": 0})
def small():
    @task
    def address():
        from airflow.sdk import Connection
        connection = Connection.get("weather_api")
        return [connection.host, connection.password == "the-key", connection.extra_dejson["header"]]

    @task
    def nap(told, params=None):
        import time
        time.sleep(params["nap"])
        return told

    nap(address())

small()
'''


class Airflow:
    """A running instance and its API."""

    def __init__(self, process: subprocess.Popen[bytes], settings: LocalSettings) -> None:
        self.process = process
        self.settings = settings
        self.api = httpx.Client(base_url=settings.airflow_url, timeout=60, trust_env=False)

    @property
    def endpoints(self) -> Endpoints:
        found = read_endpoints(self.settings.run / "endpoints.json")
        assert found
        return found

    def log_in(self) -> None:
        password = json.loads(Path(self.endpoints.password_file).read_text())[self.endpoints.user]
        answer = self.api.post("/auth/token", json={"username": "admin", "password": password})
        assert answer.status_code == 201
        self.api.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def trigger(self, nap: int = 0) -> str:
        answer = self.api.post("/api/v2/dags/small/dagRuns", json={"logical_date": None, "conf": {"nap": nap}})
        return str(answer.raise_for_status().json()["dag_run_id"])

    def state(self, run: str) -> str:
        return str(self.api.get(f"/api/v2/dags/small/dagRuns/{run}").json()["state"])

    def task_state(self, run: str, task: str) -> Any:
        return self.api.get(f"/api/v2/dags/small/dagRuns/{run}/taskInstances/{task}").json()["state"]

    def finish(self, run: str, seconds: float = 120) -> str:
        deadline = time.monotonic() + seconds
        while self.state(run) not in ("success", "failed") and time.monotonic() < deadline:
            time.sleep(0.2)
        return self.state(run)


@pytest.fixture(scope="module")
def airflow() -> Iterator[Airflow]:
    top = Path(tempfile.mkdtemp(prefix="eg"))
    settings = LocalSettings(home=top / "home", repository=top / "repository", airflow_port=free_port(), samples=False)
    (settings.repository / "dags").mkdir(parents=True)
    (settings.repository / "dags" / "small.py").write_text(DAG)
    write_connections(
        settings.secrets / "connections.json", {"weather_api": http_entry("http://127.0.0.1:1", "the-key")}
    )
    program = Path(__file__).with_name("airflow_only.py")
    with (top / "output").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, str(program), str(settings.home), str(settings.repository), str(settings.airflow_port)],
            env={"PYTHONPATH": str(INCLUDE), "PATH": os.environ["PATH"]},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 300
        while not (settings.run / "endpoints.json").exists():
            assert process.poll() is None, (top / "output").read_text()
            assert time.monotonic() < deadline, (top / "output").read_text()
            time.sleep(0.2)
        running = Airflow(process, settings)
        with running.api:
            yield running
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(top)


def test_only_the_generated_password_opens_it(airflow: Airflow):
    assert airflow.api.get("/api/v2/dags").status_code == 401
    wrong = airflow.api.post("/auth/token", json={"username": "admin", "password": "admin"})
    assert wrong.status_code == 401
    airflow.log_in()
    assert airflow.api.get("/api/v2/dags").status_code == 200


def test_every_port_is_on_loopback(airflow: Airflow):
    for process in psutil.Process(airflow.process.pid).children(recursive=True):
        for connection in process.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN:
                assert connection.laddr.ip == "127.0.0.1"


def test_a_task_reads_the_connection_file(airflow: Airflow):
    airflow.log_in()
    run = airflow.trigger()
    assert airflow.finish(run) == "success"
    value = airflow.api.get(f"/api/v2/dags/small/dagRuns/{run}/taskInstances/nap/xcomEntries/return_value").json()
    assert json.loads(json.dumps(value["value"])) == ["http://127.0.0.1:1", True, "X-API-Key"]


@pytest.mark.long  # tests/integration has the same with a night of the loop
def test_a_run_survives_a_killed_scheduler(airflow: Airflow):
    airflow.log_in()
    run = airflow.trigger(nap=5)
    deadline = time.monotonic() + 60
    while airflow.task_state(run, "nap") != "running":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    pid = airflow.endpoints.services["airflow-scheduler"].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert airflow.finish(run, 240) == "success"


def test_the_next_start_needs_no_migration(airflow: Airflow):
    urls = EmbeddedPostgres(airflow.settings.home).urls()
    assert not needs_migration(airflow.settings, urls)


def test_a_stop_leaves_no_process_behind(airflow: Airflow):
    before = psutil.Process(airflow.process.pid).children(recursive=True)
    postgres = airflow.endpoints.services["postgresql"].pid
    assert len(before) >= 8
    airflow.process.terminate()
    assert airflow.process.wait(60) == 0
    _, left = psutil.wait_procs(before, timeout=1)
    assert left == []
    assert postgres
    assert not psutil.pid_exists(postgres) or psutil.Process(postgres).status() == psutil.STATUS_ZOMBIE
