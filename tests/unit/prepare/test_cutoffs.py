"""A cutoff is the last ingest tick at or before `at − lead`, as croniter says one by one."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from croniter import croniter

from evergreen.errors import PermanentError
from evergreen.prepare import cutoffs
from evergreen.spec import UseCase, parse_use_case
from evergreen.table import TIME


def use_case(cron: str, lead: str | None) -> UseCase:
    predict = f"predict: {{at: due, lead: {lead}}}, " if lead else ""
    return parse_use_case(
        f"{{name: t, task: binary, key: [id], event_time: due, {predict}target: {{column: late}}, "
        f'schedule: {{ingest: "{cron}"}}, sources: {{t: {{type: files, path: x, key: [id]}}}}}}'
    )


@pytest.mark.parametrize(
    "cron", ["0 2 * * *", "*/7 * * * *", "30 6,18 * * 1-5", "0 0 29 2 *", "0 12 1 * 5", "59 23 L * *"]
)
def test_every_cutoff_is_the_tick_croniter_says(cron: str) -> None:
    chance = random.Random(cron)
    start = datetime(2024, 1, 15, tzinfo=UTC)
    moments = [start + timedelta(minutes=chance.randint(0, 60_000)) for _ in range(40)]
    moments += [croniter(cron, start).get_next(datetime) + timedelta(hours=1)]  # exactly on a tick
    at = pl.Series([*moments, None], dtype=TIME)
    found = cutoffs(use_case(cron, "1h"), at).to_list()
    wanted = [
        croniter(cron, moment - timedelta(hours=1) + timedelta(seconds=1)).get_prev(datetime) for moment in moments
    ]
    assert found == [*wanted, None]


def test_without_predict_or_without_times_there_is_none() -> None:
    at = pl.Series([datetime(2024, 1, 15, tzinfo=UTC), None], dtype=TIME)
    assert cutoffs(use_case("0 2 * * *", None), at).to_list() == [None, None]
    assert cutoffs(use_case("0 2 * * *", "1h"), at[1:]).to_list() == [None]
    assert cutoffs(use_case("0 2 * * *", "1h"), at.clear()).to_list() == []


def test_a_cron_that_never_ticks_is_told_so() -> None:
    at = pl.Series([datetime(2024, 1, 15, tzinfo=UTC)], dtype=TIME)
    with pytest.raises(PermanentError, match=r'schedule.ingest: the cron "0 2 30 2 \*" never ticks'):
        cutoffs(use_case("0 2 30 2 *", "1h"), at)
