"""What the chapters share: the doors to the running system, and how a line is said."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from evergreen.artifacts import RetrainDecision
from evergreen.errors import PermanentError
from evergreen.ledger.records import decisions
from evergreen.local.story.airflow_client import AirflowClient, Run
from evergreen.loop.instance import Instance

STEP = 900.0
"""Seconds that any one DAG run may take."""


@dataclass
class Stage:
    """The running system as the story sees it."""

    use_case: str
    airflow: AirflowClient
    instance: Instance
    service_url: str
    samples_url: str
    samples_key: str
    api_key: str
    base_rows: Path
    """Folder of the sample schedule files: where the story takes its request from."""
    began: float = field(default_factory=time.monotonic)
    wrong: list[str] = field(default_factory=list)
    """Steps that did not work; the story's exit status is 0 only without any."""

    def say(self, part: str, text: str, link: str = "") -> None:
        """One line of the story: when, which part, what, and where to look."""
        clear = "\r\x1b[K" if sys.stdout.isatty() else ""
        print(
            f"{clear}{time.monotonic() - self.began:6.0f}s  {part:<9} {text}{f'  {link}' if link else ''}", flush=True
        )

    def progress(self, text: str) -> None:
        """A line that the next one overwrites; nothing where there is no terminal."""
        if sys.stdout.isatty():
            print(f"\r\x1b[K        … {text}", end="", flush=True)

    def heading(self, text: str) -> None:
        """A chapter begins."""
        print(f"\n  {text}", flush=True)

    def run(
        self, what: str, conf: dict[str, Any] | None = None, while_waiting: Callable[[], object] | None = None
    ) -> Run:
        """Trigger a DAG of the use case by hand and wait for its end."""
        dag_id = f"{self.use_case}.{what}"
        self.progress(f"{dag_id} is running")
        run_id = self.airflow.trigger(dag_id, conf)
        return self.ended(self.airflow.wait(dag_id, run_id, timeout=STEP, while_waiting=while_waiting))

    def woken(self, what: str, known: set[str], while_waiting: Callable[[], object] | None = None) -> Run:
        """Wait for the run that an asset wakes, and for its end."""
        dag_id = f"{self.use_case}.{what}"
        self.progress(f"waiting for {dag_id}")
        run_id = self.airflow.wait_for_new(dag_id, known, timeout=90)
        self.progress(f"{dag_id} is running")
        return self.ended(self.airflow.wait(dag_id, run_id, timeout=STEP, while_waiting=while_waiting))

    def known(self, what: str) -> set[str]:
        """The runs of a DAG that are there already."""
        return {run.run_id for run in self.airflow.runs(f"{self.use_case}.{what}")}

    def ended(self, run: Run) -> Run:
        """Note a run that failed."""
        if run.state != "success":
            self.fail(f"{run.dag_id} {run.state}", run.url)
        return run

    def fail(self, text: str, link: str = "") -> None:
        """Note that a step did not work."""
        self.wrong.append(text)
        self.say("WRONG", text, link)

    def decision(self) -> RetrainDecision:
        """The newest retrain decision. Raises PermanentError when there is none."""
        with self.instance.ledger() as db:
            found = decisions(db, self.use_case)
        if not found:
            raise PermanentError(f"no retrain decision of {self.use_case} is in the ledger")
        return found[-1]

    def clock(self) -> str:
        """What time it is for the data."""
        return str(httpx.get(f"{self.samples_url}/clock", timeout=10).raise_for_status().json()["now"])

    def advance(self, by: str) -> str:
        """Move the sample sources' clock; the new time."""
        answer = httpx.post(
            f"{self.samples_url}/clock/advance", json={"by": by}, headers={"X-API-Key": self.samples_key}, timeout=300
        )
        return str(answer.raise_for_status().json()["now"])
