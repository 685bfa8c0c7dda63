"""Airflow's public REST API, as far as the story needs it: trigger, wait, look."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from evergreen.errors import PermanentError, TransientError

DONE = ("success", "failed")


@dataclass(frozen=True, slots=True)
class Run:
    """A DAG run: its ids, how it ended, and its page in the web UI."""

    dag_id: str
    run_id: str
    state: str
    seconds: float
    url: str


class AirflowClient:
    """Log in once and call the API; every wait is bounded."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url.rstrip("/")
        self._login = {"username": user, "password": password}
        self._http = httpx.Client(base_url=self.url, timeout=30)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> str:
        """Start a run by hand; its id."""
        body = {"logical_date": None, "conf": dict(conf or {})}
        return str(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def runs(self, dag_id: str) -> list[Run]:
        """The newest runs of a DAG, oldest first."""
        query = {"order_by": "-run_after", "limit": 50}
        found = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=query)["dag_runs"]
        return [self._run(dag_id, item) for item in reversed(found)]

    def wait(
        self, dag_id: str, run_id: str, *, timeout: float, while_waiting: Callable[[], object] | None = None
    ) -> Run:
        """Wait until a run has ended. Raises TransientError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            run = self._run(dag_id, self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))
            if run.state in DONE:
                return run
            if while_waiting is not None:
                while_waiting()
            time.sleep(0.5)
        raise TransientError(f"{dag_id} has not ended after {timeout:.0f} s; look at {self.link(dag_id, run_id)}")

    def wait_for_new(self, dag_id: str, known: set[str], *, timeout: float) -> str:
        """Wait until a run appears that is not in `known`, woken by an asset; its id. Raises TransientError."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            new = [run.run_id for run in self.runs(dag_id) if run.run_id not in known]
            if new:
                return new[0]
            time.sleep(0.3)
        raise TransientError(f"{dag_id} was not woken within {timeout:.0f} s; look at {self.url}/dags/{dag_id}")

    def task_states(self, run: Run) -> dict[str, str]:
        """Task id → state of a run; of mapped tasks the last."""
        return {item["task_id"]: str(item["state"]) for item in self.task_instances(run)}

    def task_instances(self, run: Run) -> list[dict[str, Any]]:
        """The task instances of a run as Airflow describes them."""
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances"
        return list(self._call("GET", path)["task_instances"])

    def dag_ids(self) -> set[str]:
        """All DAGs that have been read."""
        return {item["dag_id"] for item in self._call("GET", "/api/v2/dags", params={"limit": 100})["dags"]}

    def import_errors(self) -> list[str]:
        """What is wrong with DAG files, one text each."""
        return [item["stack_trace"] for item in self._call("GET", "/api/v2/importErrors")["import_errors"]]

    def link(self, dag_id: str, run_id: str) -> str:
        """The run's page."""
        return f"{self.url}/dags/{dag_id}/runs/{run_id}"

    def _run(self, dag_id: str, item: Mapping[str, Any]) -> Run:
        start, end = (_time(item.get(name)) for name in ("start_date", "end_date"))
        seconds = ((end or datetime.now(UTC)) - start).total_seconds() if start else 0.0
        return Run(dag_id, item["dag_run_id"], item["state"], seconds, self.link(dag_id, item["dag_run_id"]))

    def _call(self, method: str, path: str, **options: Any) -> Any:
        for attempt in range(5):
            try:
                if "Authorization" not in self._http.headers:
                    token = self._http.post("/auth/token", json=self._login).raise_for_status().json()["access_token"]
                    self._http.headers["Authorization"] = f"Bearer {token}"
                answer = self._http.request(method, path, **options)
            except httpx.TransportError:
                if attempt == 4:
                    raise TransientError(f"Airflow at {self.url} doesn't answer") from None
                time.sleep(1.0 + attempt)
                continue
            if answer.status_code == 401:
                del self._http.headers["Authorization"]
                continue
            if answer.status_code >= 500 and attempt < 4:
                time.sleep(1.0 + attempt)
                continue
            if answer.is_error:
                raise PermanentError(f"Airflow refused {method} {path}: {answer.status_code}")
            return answer.json()
        raise PermanentError(f"Airflow at {self.url} refuses the generated log-in; see its log")


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
