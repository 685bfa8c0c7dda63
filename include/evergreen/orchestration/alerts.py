"""Where Airflow itself says that something is late: deadlines it has seen missed, nights in which nothing was woken."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def deadline_missed(use_case: str, context: dict[str, Any]) -> None:
    """Callback of `<uc>.score`: the executor runs it when a run was not through at its deadline."""
    from evergreen.loop.alerts import alert_of_deadline
    from evergreen.orchestration.door import open_instance

    missed = context["deadline"]["deadline_time"]
    alert_of_deadline(
        open_instance(), use_case, missed if isinstance(missed, datetime) else datetime.fromisoformat(missed)
    )


def look_for_missing(instance: Any, use_case: str, context: Any) -> None:
    """At a nightly tick only: are there predictions of the last night? A run that an asset woke needn't ask."""
    from evergreen.loop.alerts import alert_of_missing
    from evergreen.orchestration.door import data_time_of

    if context["dag_run"].run_type == "scheduled":
        alert_of_missing(instance, use_case, data_time_of(context, instance.clock_of(use_case)))
