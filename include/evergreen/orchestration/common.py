"""What the five DAGs of a use case share: owner, tags, start, limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable

from evergreen.orchestration.steps import RETRIES
from evergreen.spec import UseCase

AS_OF = (
    "Data time up to which sources are read, e.g. 2013-03-01T02:00Z. Empty: the simulated clock, if the use case has "
    "one, else the end of the interval."
)


def cron(expression: str) -> CronTriggerTimetable:
    """The next tick in UTC and the ones after it.

    Without the zero, a DAG first seen within a tenth of its period after a tick would make up for that tick.
    """
    return CronTriggerTimetable(expression, timezone="UTC", run_immediately=timedelta(0))


def dag_arguments(use_case: UseCase, what: str, doc: str, *, timeout: timedelta) -> dict[str, Any]:
    """Arguments of a use case's DAG `<name>.<what>`; one run at a time, no catching up.

    There is no start date: with one in the past Airflow would make up for the last tick as soon as it sees the DAG.
    """
    return {
        "dag_id": f"{use_case.name}.{what}",
        "dag_display_name": f"{use_case.name} · {what}",
        "description": doc.strip().partition("\n")[0],
        "doc_md": f"### {use_case.title or use_case.name}\n\n{doc.strip()}",
        "catchup": False,
        "max_active_runs": 1,
        "dagrun_timeout": timeout,
        "tags": [use_case.name, what, "evergreen"],
        "default_args": {"owner": use_case.owner or "evergreen", **RETRIES},
        "is_paused_upon_creation": False,
    }
