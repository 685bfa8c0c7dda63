from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sample_sources.errors import BadRequestError
from sample_sources.times import LAST_DAY, days_until, evening, iso, parse_duration, parse_time


def test_a_time_is_read_as_utc_whatever_its_zone():
    expected = datetime(2013, 3, 1, 2, tzinfo=UTC)
    for text in ("2013-03-01T02:00Z", "2013-03-01T02:00:00Z", "2013-02-28T21:00:00-05:00"):
        assert parse_time(text, "to") == expected
    assert iso(expected) == "2013-03-01T02:00:00Z"


@pytest.mark.parametrize(
    "text", ["", "soon", "2013-03-01T02:00", "2013-03-01", "2013-13-01T00:00Z", "0001-01-01T00:00+05:00"]
)
def test_a_time_without_zone_or_sense_is_refused(text):
    with pytest.raises(BadRequestError, match="since is not an ISO time with a zone; write it like 2013"):
        parse_time(text, "since")


def test_durations():
    assert parse_duration("7d", "by") == timedelta(days=7)
    assert parse_duration("12h", "by") == timedelta(hours=12)
    assert parse_duration("30m", "by") == timedelta(minutes=30)
    for text in ("", "7", "d", "-7d", "7 d", "1.5d", "7d\n", "9999999d", "٧d"):
        with pytest.raises(BadRequestError, match="write a number and d, h or m"):
            parse_duration(text, "by")


def test_the_evening_is_at_or_before_two_in_the_morning_utc_in_winter_and_in_summer():
    assert evening(date(2013, 2, 28)) == datetime(2013, 3, 1, 1, tzinfo=UTC)
    assert evening(date(2013, 3, 10)) == datetime(2013, 3, 11, 0, tzinfo=UTC)
    assert evening(date(2013, 7, 1)) == datetime(2013, 7, 2, 0, tzinfo=UTC)
    assert evening(date(2013, 11, 3)) == datetime(2013, 11, 4, 1, tzinfo=UTC)


def test_days_stop_where_the_data_do():
    assert days_until(date(2012, 12, 31)) == []
    assert days_until(date(2013, 1, 2)) == [date(2013, 1, 1), date(2013, 1, 2)]
    assert len(days_until(date(2020, 1, 1))) == 365
    assert days_until(date(2020, 1, 1))[-1] == LAST_DAY
