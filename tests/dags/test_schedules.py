"""A DAG that Airflow sees for the first time does not make up for a tick that has passed, however shortly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evergreen.orchestration.common import cron


@pytest.mark.parametrize("expression", ["0 2 * * *", "0 6 * * 0"])
def test_a_new_dag_waits_for_its_next_tick(expression: str) -> None:
    timetable = cron(expression)
    assert timetable.run_immediately == timedelta(0)
