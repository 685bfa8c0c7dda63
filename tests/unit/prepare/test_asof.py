"""As-of joins in a tiny world, where every tie and every boundary happens, against brute force."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from tests.examples import examples

from evergreen.prepare.asof import match, timed
from evergreen.prepare.columns import JoinPlan
from evergreen.prepare.state import NEW, ORDER
from evergreen.prepare.touched import _reached
from evergreen.spec.prepare import Join
from evergreen.table import AVAILABLE_AT, CUTOFF, HASH, KEY, TIME

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
VALUES, HOURS = ("a", "b"), range(8)
EACH = examples(15)


def world(seed: int) -> tuple[Join, pl.DataFrame]:
    """Up to 24 versions of five rows: whole hours, few values, corrections of everything; the last third is new."""
    chance = random.Random(seed)
    size = chance.randint(1, 24)
    rows = [
        {
            KEY: chance.choice("klmno"),
            "city": chance.choice((*VALUES, None)) if chance.random() < 0.5 else "a",
            "seen": chance.choice((*(START + hour * HOUR for hour in HOURS), None)),
            AVAILABLE_AT: START + chance.choice(HOURS) * HOUR,
            HASH: f"{number:02d}",
            ORDER: number,
            NEW: number >= size * 2 // 3,
        }
        for number in range(size)
    ]
    chance.shuffle(rows)
    schema = {KEY: pl.String, "city": pl.String, "seen": TIME, AVAILABLE_AT: TIME, HASH: pl.String, ORDER: pl.Int64}
    tolerance = chance.choice([None, timedelta(0), 2 * HOUR, 5 * HOUR])
    join = Join(source="weather", on=("city",), as_of="seen", tolerance=tolerance)
    return join, pl.DataFrame(rows, schema={**schema, NEW: pl.Boolean})


def brute(join: Join, rows: list[dict[str, Any]], city: str, cutoff: datetime) -> str | None:
    known: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row[ORDER]):
        if row[AVAILABLE_AT] <= cutoff:
            known[row[KEY]] = row
    here = [row for row in known.values() if row["city"] == city and row["seen"] is not None]
    best = max(here, key=lambda row: (row["seen"], row[ORDER]), default=None)
    if best is None or (join.tolerance is not None and best["seen"] < cutoff - join.tolerance):
        return None
    return str(best[HASH])


def pairs() -> pl.DataFrame:
    cross = [(city, START + hour * HOUR) for city in VALUES for hour in HOURS]
    return pl.DataFrame(cross, schema={"_on": pl.String, CUTOFF: TIME}, orient="row")


@pytest.mark.parametrize("block", range(4))
def test_promise_3_a_join_takes_the_newest_row_known_at_the_cutoff(block: int) -> None:
    for seed in range(block * EACH, block * EACH + EACH):
        join, versions = world(seed)
        found = match(pairs(), timed(versions, join), join.tolerance)
        got = {(row["_on"], row[CUTOFF]): row[HASH] for row in found.to_dicts()}
        assert len(got) == found.height
        for city, cutoff in pairs().rows():
            assert got.get((city, cutoff)) == brute(join, versions.to_dicts(), city, cutoff), (seed, city, cutoff)


@pytest.mark.parametrize("block", range(4))
def test_promise_2_every_base_row_that_a_new_version_changes_is_reached(block: int) -> None:
    reached_in_vain = 0
    for seed in range(block * EACH, block * EACH + EACH):
        join, versions = world(seed)
        base = pairs().with_row_index(KEY).with_columns(pl.col(KEY).cast(pl.String)).rename({"_on": "city"})
        plan = JoinPlan(join, {}, "_from_weather")
        reached = set(_reached(plan, versions, base, base.select(KEY, CUTOFF))[KEY].to_list())
        rows = versions.to_dicts()
        before = [row for row in rows if not row[NEW]]
        for key, city, cutoff in base.rows():
            changed = brute(join, rows, city, cutoff) != brute(join, before, city, cutoff)
            assert not changed or key in reached, (seed, city, cutoff)
            reached_in_vain += not changed and key in reached
    assert reached_in_vain < EACH * len(pairs()) * 0.6  # it is a choice, not all of them
