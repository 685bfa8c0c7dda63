"""A whole instance under its supervisor, PostgreSQL, Airflow, MLflow and the service.

It has one toy use case, and the shipped ones on the sample sources' data of one moment, with the shortest of searches.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.faults.toy import Instance
from tests.receiver import Receiver, receiver

from evergreen.local.connections import sql_entry, write_connections
from evergreen.local.door import open_instance
from evergreen.local.postgres import EmbeddedPostgres
from evergreen.local.story.airflow_client import AirflowClient, Run
from evergreen.loop.instance import Instance as Loop
from evergreen.settings import Settings
from sample_sources.sources import SampleSources

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("churn", "housing")
ASKING = "housing"
"""The one whose challengers a person is asked about."""
SAMPLES_AT = datetime(2013, 3, 1, 2, tzinfo=UTC)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


@dataclass
class System:
    """What the test may touch: the toy instance, Airflow's API, the addresses, the pids."""

    toy: Instance
    airflow: AirflowClient
    service_url: str
    mlflow_url: str
    supervisor: subprocess.Popen[bytes]
    posted: list[dict[str, Any]]
    """What was posted to EVERGREEN_ALERT_URL."""

    def pid(self, service: str) -> int:
        said = json.loads((self.toy.home / "run" / "endpoints.json").read_text())
        return int(said["services"][service]["pid"])

    def card(self) -> dict[str, Any]:
        """The use case on the Evergreen page inside Airflow."""
        login = {"username": "admin", "password": self.password}
        token = httpx.post(f"{self.airflow.url}/auth/token", json=login, timeout=30).json()["access_token"]
        url, headers = f"{self.airflow.url}/evergreen/api/state", {"Authorization": f"Bearer {token}"}
        cards = httpx.get(url, headers=headers, timeout=30).raise_for_status().json()["cards"]
        return next(dict(card) for card in cards if card["name"] == "toy")

    def answer(self, run: Run, option: str) -> None:
        """Answer the question that a run waits with, as the buttons of the web UI do."""
        login = {"username": "admin", "password": self.password}
        token = httpx.post(f"{self.airflow.url}/auth/token", json=login, timeout=30).json()["access_token"]
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/approve/-1/hitlDetails"
        body, headers = {"chosen_options": [option], "params_input": {}}, {"Authorization": f"Bearer {token}"}
        httpx.patch(self.airflow.url + path, json=body, headers=headers, timeout=30).raise_for_status()

    @property
    def password(self) -> str:
        return str(json.loads((self.toy.home / "secrets" / "airflow_passwords.json").read_text())["admin"])

    @property
    def api_key(self) -> str:
        return (self.toy.home / "secrets" / "api_key").read_text().strip()


@pytest.fixture(scope="package")
def alerts() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


@pytest.fixture(scope="package")
def system(alerts: Receiver) -> Iterator[System]:
    toy = Instance(Path(tempfile.mkdtemp(prefix="toy")))
    toy.set_up()
    with (toy.folder / "use_cases" / "toy" / "use_case.yaml").open("a", encoding="utf-8") as file:
        file.write("scoring: {deadline: 50ms}\n")  # no run is that quick: each is late, and says so
    for name in SHIPPED:
        _shorten(name, toy.folder / "use_cases")
    _publish_samples(toy)
    repository = toy.folder / "repository"
    (repository / "dags").mkdir(parents=True)
    (repository / "plugins").symlink_to(ROOT / "plugins")
    (repository / "include").symlink_to(ROOT / "include")
    for name in ("rollback", "maintenance"):
        shutil.copy(ROOT / "dags" / f"{name}.py", repository / "dags")
    flights = (ROOT / "dags" / "flights.py").read_text(encoding="utf-8")
    for name in ("toy", *SHIPPED):
        (repository / "dags" / f"{name}.py").write_text(flights.replace("flights", name), encoding="utf-8")
    airflow, mlflow, service = free_ports(3)
    environment = {
        **toy.environment(),
        "EVERGREEN_REPOSITORY": str(repository),
        "EVERGREEN_SAMPLES": "false",
        "EVERGREEN_AIRFLOW_PORT": str(airflow),
        "EVERGREEN_MLFLOW_PORT": str(mlflow),
        "EVERGREEN_SERVICE_PORT": str(service),
        "EVERGREEN_SERVICE_URL": f"http://127.0.0.1:{service}",
        "EVERGREEN_ALERT_URL": alerts.url,
    }
    log = (toy.folder / "supervisor.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "evergreen", "up"],
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _wait(lambda: (toy.home / "run" / "endpoints.json").exists(), process, toy.folder / "supervisor.log", 300)
        passwords: dict[str, Any] = json.loads((toy.home / "secrets" / "airflow_passwords.json").read_text())
        client = AirflowClient(f"http://127.0.0.1:{airflow}", "admin", passwords["admin"])
        yield System(toy, client, f"http://127.0.0.1:{service}", f"http://127.0.0.1:{mlflow}", process, alerts.got)
        client.close()
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
            try:
                process.wait(90)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        log.close()
        toy.stop()
        shutil.rmtree(toy.folder, ignore_errors=True)


@pytest.fixture(scope="package")
def loop(system: System) -> Loop:
    """The same instance through the library."""
    return open_instance(Settings(home=system.toy.home, use_cases=system.toy.folder / "use_cases"))


def _shorten(name: str, use_cases: Path) -> None:
    """The shipped use case, but for its search, one trial by one worker, and for who has the last word."""
    text = (ROOT / "include" / "use_cases" / name / "use_case.yaml").read_text(encoding="utf-8")
    text, count = re.subn(r"\n  search: .*", "\n  search: {trials: 1, workers: 1}", text)
    assert count == 1
    if name == ASKING:
        assert "approve: never" in text
        text = text.replace("approve: never", "approve: always")
    (use_cases / name).mkdir()
    (use_cases / name / "use_case.yaml").write_text(text, encoding="utf-8")


def _publish_samples(toy: Instance) -> None:
    """Database and files as they are at one moment; the clock itself is not needed."""
    urls = EmbeddedPostgres(toy.home).ensure()
    SampleSources(urls.sources, toy.home / "landing").prepare(SAMPLES_AT)
    write_connections(toy.home / "secrets" / "connections.json", {"crm_db": sql_entry(urls.sources)})


def _wait(ready: Any, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the system did not come up: {log.read_text()[-3000:]}")
        time.sleep(0.3)
