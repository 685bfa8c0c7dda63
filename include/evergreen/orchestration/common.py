"""What the DAGs of a use case share: owner, tags, start, limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable

from evergreen.loop.flow import Stage
from evergreen.orchestration.steps import RETRIES
from evergreen.spec import UseCase


def cron(expression: str) -> CronTriggerTimetable:
    """The next tick in UTC and the ones after it.

    Without the zero, a DAG first seen within a tenth of its period after a tick would make up for that tick.
    """
    return CronTriggerTimetable(expression, timezone="UTC", run_immediately=timedelta(0))


def dag_arguments(use_case: UseCase, stage: Stage) -> dict[str, Any]:
    """Arguments of a use case's DAG `<name>.<stage>`; one run at a time, no catching up.

    There is no start date: with one in the past Airflow would make up for the last tick as soon as it sees the DAG.
    """
    return {
        "dag_id": f"{use_case.name}.{stage.name}",
        "dag_display_name": f"{use_case.name} · {stage.name}",
        "description": stage.doc.strip().partition("\n")[0],
        "doc_md": f"### {use_case.title or use_case.name}\n\n{_doc(stage)}",
        "catchup": False,
        "max_active_runs": 1,
        "dagrun_timeout": stage.longest(use_case),
        "tags": [use_case.name, stage.name, "evergreen"],
        "default_args": {"owner": use_case.owner or "evergreen", **RETRIES},
        "is_paused_upon_creation": False,
    }


def _doc(stage: Stage) -> str:
    """What the stage does, and what a person may fill in."""
    if not stage.parameters:
        return stage.doc.strip()
    listed = "\n".join(f"- `{parameter.name}`: {parameter.help}" for parameter in stage.parameters)
    return f"{stage.doc.strip()}\n\n**Parameters** (when triggered by hand)\n{listed}"
