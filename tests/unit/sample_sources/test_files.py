from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from sample_sources.errors import LandingConflictError
from sample_sources.files import DROPS, write_missing

START = datetime(2013, 3, 1, 2, tzinfo=UTC)
SCHEDULES, DEPARTURES = DROPS


def few(data, days=4):
    """The first days' flights, so that a test writes few files."""
    return dict(list(data.flights.items())[:days])


def names(landing):
    return {str(path.relative_to(landing)) for path in landing.rglob("*") if path.is_file()}


def read_csv(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_at_the_start_two_months_of_files_are_out():
    assert SCHEDULES.out(START)[0] == DEPARTURES.out(START)[0] == date(2013, 1, 1)
    assert SCHEDULES.out(START)[-1] == date(2013, 3, 1)
    assert DEPARTURES.out(START)[-1] == date(2013, 2, 27)


@pytest.mark.parametrize("drop", DROPS, ids=lambda drop: drop.folder)
def test_a_file_is_out_from_the_second_it_is_published_all_year(drop):
    for number in range(2, 364):
        day = date(2013, 1, 1) + timedelta(days=number)
        moment = drop.published_at(day)
        assert drop.out(moment)[-1] == day
        assert drop.out(moment - timedelta(seconds=1))[-1] == day - timedelta(days=1)
    assert drop.out(datetime(2014, 2, 1, tzinfo=UTC))[-1] == date(2013, 12, 31)


def test_schedules_say_what_is_known_in_time_and_nothing_else(data, tmp_path):
    write_missing(tmp_path, few(data), datetime(2013, 1, 1, 2, tzinfo=UTC))
    assert names(tmp_path) == {"schedules/2013-01-01.csv"}
    rows = read_csv(tmp_path / "schedules/2013-01-01.csv")
    assert len(rows) == 842
    assert rows[0] == {
        "flight_id": "2013-01-01-UA-1545-EWR-0515",
        "published_at": "2013-01-01T01:00:00Z",
        "scheduled_at": "2013-01-01T10:15:00Z",
        "carrier": "UA",
        "flight": "1545",
        "tail_number": "N14228",
        "origin": "EWR",
        "dest": "IAH",
        "distance": "1400",
        "scheduled_arrival": "2013-01-01T14:19:00Z",
    }


def test_a_missing_tail_number_is_an_empty_field(data, tmp_path):
    day = date(2013, 1, 2)
    assert data.flights[day]["tail_number"].null_count() > 0
    write_missing(tmp_path, few(data), datetime(2013, 1, 2, 2, tzinfo=UTC))
    rows = read_csv(tmp_path / f"schedules/{day}.csv")
    assert sum(row["tail_number"] == "" for row in rows) == data.flights[day]["tail_number"].null_count()


def test_departures_are_reported_an_evening_later_and_cancelled_flights_never(data, tmp_path):
    write_missing(tmp_path, few(data), datetime(2013, 1, 3, 1, tzinfo=UTC))
    assert "departures/2013-01-01.ndjson.gz" in names(tmp_path)
    assert "departures/2013-01-02.ndjson.gz" not in names(tmp_path)
    with gzip.open(tmp_path / "departures/2013-01-01.ndjson.gz", "rt") as lines:
        rows = {row["flight_id"]: row for row in map(json.loads, lines)}
    assert rows["2013-01-01-UA-1545-EWR-0515"] == {
        "flight_id": "2013-01-01-UA-1545-EWR-0515",
        "reported_at": "2013-01-03T01:00:00Z",
        "dep_time": "2013-01-01T10:17:00Z",
        "dep_delay": 2,
        "arr_delay": 11,
    }
    flights = data.flights[date(2013, 1, 1)]
    assert len(rows) == flights.height - flights["dep_delay"].null_count() == 838
    assert any(row["arr_delay"] is None for row in rows.values())


def test_writing_again_adds_only_what_is_missing_and_brings_back_the_same_bytes(data, tmp_path):
    now = datetime(2013, 1, 4, 2, tzinfo=UTC)
    first = write_missing(tmp_path, few(data), now)
    content = {path: path.read_bytes() for path in first}
    assert len(content) == 6
    assert write_missing(tmp_path, few(data), now) == []
    for path in first[::2]:
        path.unlink()
    assert write_missing(tmp_path, few(data), now) == first[::2]
    assert {path: path.read_bytes() for path in first} == content
    zipped = [path for path in first if path.suffix == ".gz"]
    assert {content[path][4:8] for path in zipped} == {bytes(4)}, "gzip's header holds the time of writing"


def test_a_write_that_was_broken_off_leaves_nothing_behind(data, tmp_path, monkeypatch):
    now = datetime(2013, 1, 1, 2, tzinfo=UTC)
    monkeypatch.setattr("pathlib.Path.rename", broken)
    with pytest.raises(OSError, match="No space left"):
        write_missing(tmp_path, few(data), now)
    assert not list((tmp_path / "schedules").glob("*.csv"))
    monkeypatch.undo()
    write_missing(tmp_path, few(data), now)
    assert names(tmp_path) == {"schedules/2013-01-01.csv"}


def broken(*_):
    raise OSError(28, "No space left on device")


def test_a_landing_folder_of_another_clock_is_refused(data, tmp_path):
    write_missing(tmp_path, few(data), datetime(2013, 1, 4, 2, tzinfo=UTC))
    (tmp_path / "schedules" / "notes.csv").write_text("a person's own file is no reason to refuse\n")
    with pytest.raises(
        LandingConflictError, match=r"2 files of after .*T02:00:00Z, the first 2013-01-03.csv"
    ) as caught:
        write_missing(tmp_path, few(data), datetime(2013, 1, 2, 2, tzinfo=UTC))
    assert "Give another --landing" in str(caught.value)
