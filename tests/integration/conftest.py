"""A whole instance under its supervisor, PostgreSQL, Airflow, MLflow and the service, with one toy use case."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.faults.toy import Instance
from tests.receiver import Receiver, receiver

from evergreen.local.story.airflow_client import AirflowClient

ROOT = Path(__file__).resolve().parents[2]


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
        password = json.loads((self.toy.home / "secrets" / "airflow_passwords.json").read_text())["admin"]
        login = {"username": "admin", "password": password}
        token = httpx.post(f"{self.airflow.url}/auth/token", json=login, timeout=30).json()["access_token"]
        url, headers = f"{self.airflow.url}/evergreen/api/state", {"Authorization": f"Bearer {token}"}
        return dict(httpx.get(url, headers=headers, timeout=30).raise_for_status().json()["cards"][0])

    @property
    def api_key(self) -> str:
        return (self.toy.home / "secrets" / "api_key").read_text().strip()


@pytest.fixture(scope="session")
def alerts() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


@pytest.fixture(scope="session")
def system(alerts: Receiver) -> Iterator[System]:
    toy = Instance(Path(tempfile.mkdtemp(prefix="toy")))
    toy.set_up()
    with (toy.folder / "use_cases" / "toy" / "use_case.yaml").open("a", encoding="utf-8") as file:
        file.write("scoring: {deadline: 50ms}\n")  # no run is that quick: each is late, and says so
    repository = toy.folder / "repository"
    (repository / "dags").mkdir(parents=True)
    (repository / "plugins").symlink_to(ROOT / "plugins")
    (repository / "include").symlink_to(ROOT / "include")
    for name in ("rollback", "maintenance"):
        shutil.copy(ROOT / "dags" / f"{name}.py", repository / "dags")
    flights = (ROOT / "dags" / "flights.py").read_text(encoding="utf-8")
    (repository / "dags" / "toy.py").write_text(flights.replace("flights", "toy"), encoding="utf-8")
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


def _wait(ready: Any, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the system did not come up: {log.read_text()[-3000:]}")
        time.sleep(0.3)
