"""Moments in UTC with whole seconds, and the hours at which New York publishes its files."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sample_sources.errors import BadRequestError

NEW_YORK = ZoneInfo("America/New_York")
FIRST_DAY = date(2013, 1, 1)
LAST_DAY = date(2013, 12, 31)
FIRST_MOMENT = datetime(2013, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2014, 2, 1, tzinfo=UTC)
"""The clock moves between these: the data begin on 2013-01-01 and everything of 2013 is out by the last moment."""
DEFAULT_START = datetime(2013, 3, 1, 2, tzinfo=UTC)

_DURATION = re.compile(r"([0-9]{1,6})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def parse_time(text: str, name: str) -> datetime:
    """Read an ISO time with a zone as UTC, e.g. `2013-03-01T02:00Z`; `name` says in the error which value was wrong.

    Raises BadRequestError for anything else, also for a time without a zone.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequestError(f"{name} is not an ISO time with a zone; write it like 2013-03-01T02:00:00Z") from None


def parse_duration(text: str, name: str) -> timedelta:
    """Read `7d`, `12h` or `30m`. Raises BadRequestError for anything else."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise BadRequestError(f"{name} is not a duration; write a number and d, h or m, like 7d or 12h")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def iso(moment: datetime) -> str:
    """Write a moment in UTC to the second, e.g. `2013-03-01T02:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def evening(day: date) -> datetime:
    """20:00 New York time of `day`, in UTC: 01:00Z of the next day in winter, 00:00Z in summer."""
    return datetime.combine(day, time(20), tzinfo=NEW_YORK).astimezone(UTC)


def days_until(last: date) -> list[date]:
    """Every local day with data up to and including `last`."""
    end = min(last, LAST_DAY)
    return [FIRST_DAY + timedelta(days=n) for n in range((end - FIRST_DAY).days + 1)]
