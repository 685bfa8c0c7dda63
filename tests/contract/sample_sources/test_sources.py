"""Database, landing folder and clock together, on a real PostgreSQL."""

from __future__ import annotations

import itertools
import pkgutil
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sample_sources.errors import BadRequestError, ClockConflictError, DatabaseUnavailableError
from sample_sources.sources import SampleSources
from sample_sources.times import DEFAULT_START

from .conftest import everything, query

EARLY = datetime(2013, 1, 5, 2, tzinfo=UTC)
"""A start with few files, for tests that need no more."""


def test_at_the_start_everything_of_two_months_is_there(sources):
    assert sources.prepare(DEFAULT_START) == sources.now() == DEFAULT_START
    counts = query(
        sources.database_url,
        "SELECT (SELECT count(*) FROM planes), (SELECT count(*) FROM airports), (SELECT count(*) FROM airlines)",
    )
    assert counts == [(3322, 1458, 16)]
    late = "SELECT count(*) FROM {} WHERE updated_at > '2013-03-01T02:00Z'"
    tables = ("planes", "airports", "airlines", "customers")
    assert [query(sources.database_url, late.format(table)) for table in tables] == [[(0,)]] * 4
    assert query(sources.database_url, "SELECT count(*) FROM customers") == [(3913,)]
    assert query(sources.database_url, "SELECT count(*) FROM customer_outcomes") == [(3637,)]
    assert len(list(sources.landing.glob("schedules/*.csv"))) == 60
    assert len(list(sources.landing.glob("departures/*.ndjson.gz"))) == 58
    kinds = {"listings": 39, "parcels": 39, "buildings": 39, "sales": 37}
    assert {kind: len(list(sources.landing.glob(f"homes/{kind}/20*"))) for kind in kinds} == kinds


def test_planes_have_invented_captains(sources):
    sources.prepare(EARLY)
    sql = "SELECT count(*), count(DISTINCT captain_email) FROM planes WHERE captain_email LIKE '%@example.com'"
    assert query(sources.database_url, sql) == [(3322, 3322)]


@pytest.mark.long
def test_seven_days_at_once_are_seven_single_days(sources, postgres, data, tmp_path):
    sources.prepare(EARLY)
    sources.advance(timedelta(days=7))
    name = "seven_single_days"
    other = SampleSources(postgres.create_database(name), tmp_path / "other", load=lambda: data)
    try:
        other.prepare(EARLY)
        for _ in range(7):
            other.advance(timedelta(days=1))
        assert everything(other) == everything(sources)
    finally:
        postgres.drop_database(name)


def test_a_later_start_is_an_earlier_one_that_has_moved_on(sources, postgres, data, tmp_path):
    sources.prepare(EARLY)
    sources.advance(EARLY + timedelta(hours=31))
    name = "a_later_start"
    other = SampleSources(postgres.create_database(name), tmp_path / "other", load=lambda: data)
    try:
        other.prepare(EARLY + timedelta(hours=31))
        assert everything(other) == everything(sources)
    finally:
        postgres.drop_database(name)


def test_a_day_changes_a_handful_of_planes_at_moments_of_that_day(sources):
    sources.prepare(EARLY)
    sql = "SELECT tail_number, captain_email, seats, updated_at FROM planes"
    before = {row[0]: row for row in query(sources.database_url, sql)}
    sources.advance(timedelta(days=1))
    changed = [row for row in query(sources.database_url, sql) if row != before[row[0]]]
    # From two in the morning to two in the morning two UTC days share in it.
    assert 4 <= len(changed) <= 16
    assert all(EARLY < row[3] <= EARLY + timedelta(days=1) for row in changed)
    assert any(row[1] != before[row[0]][1] for row in changed)
    assert any(row[2] != before[row[0]][2] for row in changed)


def test_preparing_again_goes_on_from_the_stored_clock_and_brings_back_lost_files(sources):
    sources.prepare(EARLY)
    sources.advance(timedelta(days=1))
    before = everything(sources)
    (sources.landing / "schedules" / "2013-01-02.csv").unlink()
    assert sources.prepare(DEFAULT_START, seed=77) == EARLY + timedelta(days=1)
    assert everything(sources) == before


def test_the_clock_moves_forward_only_and_not_beyond_the_data(sources):
    sources.prepare(EARLY)
    before = everything(sources)
    with pytest.raises(ClockConflictError, match="only moves forward"):
        sources.advance(EARLY - timedelta(seconds=1))
    for too_far in (timedelta(days=400), timedelta(days=999_999)):
        with pytest.raises(ClockConflictError, match="moves up to 2014-02-01T00:00:00Z"):
            sources.advance(too_far)
    assert sources.advance(EARLY) == EARLY
    assert everything(sources) == before


def test_a_start_without_data_is_refused(sources):
    with pytest.raises(BadRequestError, match="between 2013-01-01T00:00:00Z and 2014-02-01T00:00:00Z"):
        sources.prepare(datetime(2012, 12, 31, tzinfo=UTC))


def test_without_preparing_there_is_no_clock(sources):
    with pytest.raises(DatabaseUnavailableError, match="serve` first"):
        sources.now()
    with pytest.raises(DatabaseUnavailableError, match="serve` first"):
        sources.advance(timedelta(days=1))


def test_sources_that_were_filled_before_there_were_customers_catch_up(sources):
    sources.prepare(EARLY)
    before = everything(sources)
    query(sources.database_url, "DROP TABLE customers, customer_outcomes")
    sources.prepare(EARLY)
    assert everything(sources) == before


@pytest.mark.parametrize(
    "step", ["files.write_missing", "database.fill", "database.apply_changes", "customers.catch_up", "clock.arrive"]
)
def test_preparing_broken_off_at_any_step_is_finished_by_the_next_start(sources, monkeypatch, step):
    break_at(monkeypatch, step)
    with pytest.raises(BrokenOffError):
        sources.prepare(EARLY)
    with pytest.raises(DatabaseUnavailableError, match="not prepared yet"):
        sources.now()
    monkeypatch.undo()
    sources.prepare(EARLY)
    assert query(sources.database_url, "SELECT count(*) FROM planes") == [(3322,)]


@pytest.mark.parametrize(
    "step", ["files.write_missing", "database.apply_changes", "customers.catch_up", "clock.arrive"]
)
def test_an_advance_broken_off_at_any_step_is_finished_by_whoever_comes_next(sources, monkeypatch, step):
    sources.prepare(EARLY)
    # An advance first makes sure that the last one is complete; it is its own steps that break here.
    done_by_then = {
        "database.apply_changes": 0,
        "files.write_missing": 2,
    }  # files are written for flights and for homes
    break_at(monkeypatch, step, after=done_by_then.get(step, 1))
    with pytest.raises(BrokenOffError):
        sources.advance(timedelta(days=2))
    assert sources.now() == EARLY
    monkeypatch.undo()
    assert sources.advance(timedelta(days=1)) == EARLY + timedelta(days=3)
    after = everything(sources)
    assert sources.prepare(EARLY) == EARLY + timedelta(days=3)
    assert everything(sources) == after


@pytest.mark.long
@pytest.mark.parametrize("files", [1, 9])
def test_an_advance_that_is_killed_is_finished_by_the_next_start(sources, command, data, postgres, tmp_path, files):
    sources.prepare(EARLY)
    before = sum(1 for _ in sources.landing.rglob("*.*"))
    with command.start("advance", "--by", "30d") as process:
        deadline = time.monotonic() + 60
        while sum(1 for _ in sources.landing.rglob("*.*")) < before + files and time.monotonic() < deadline:
            time.sleep(0.001)
        process.kill()
        process.communicate()
    assert process.returncode == -9
    assert sources.now() == EARLY
    sources.prepare(EARLY)
    assert sources.now() == EARLY + timedelta(days=30)
    name = "never_killed"
    other = replace(sources, database_url=postgres.create_database(name), landing=tmp_path / "other")
    try:
        other.prepare(EARLY + timedelta(days=30))
        assert everything(other) == everything(sources)
    finally:
        postgres.drop_database(name)


def test_two_advances_at_once_follow_one_another(sources):
    sources.prepare(EARLY)
    reached = []
    threads = [threading.Thread(target=lambda: reached.append(sources.advance(timedelta(days=1)))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reached) == [EARLY + timedelta(days=1), EARLY + timedelta(days=2)]


class BrokenOffError(Exception):
    """Stands for a crash."""


def break_at(monkeypatch, step, after=0):
    """Let one step of catching up fail, after it has been done `after` times."""
    real = pkgutil.resolve_name(f"sample_sources.{step}")
    calls = itertools.count()

    def fail(*arguments):
        if next(calls) >= after:
            raise BrokenOffError
        return real(*arguments)

    monkeypatch.setattr(f"sample_sources.{step}", fail)
