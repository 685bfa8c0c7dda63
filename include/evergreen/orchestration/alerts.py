"""Where Airflow itself says that something is late: a deadline that was missed."""

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
