"""What every section shares: strictness, and the small value types people write in YAML."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$")
_BYTES = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3}
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)(B|KB|MB|GB)$")
_PERCENT = re.compile(r"^(\d+(?:\.\d+)?)%$")


class Section(BaseModel):
    """Base of every part of a use case: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def parse_duration(value: Any) -> timedelta:
    """`90s`, `15m`, `2h`, `7d`, `1w`, `20ms` as a timedelta. Raises ValueError saying what is allowed.

    >>> parse_duration("90s"), parse_duration("1w").days
    (datetime.timedelta(seconds=90), 7)
    """
    if isinstance(value, timedelta):
        return value
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a duration is a number and a unit, e.g. 90s, 15m, 2h, 7d, 1w or 20ms")
    try:
        return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    except OverflowError:
        raise ValueError("a duration can't be longer than a few thousand years") from None


def format_duration(value: timedelta) -> str:
    """The shortest writing that `parse_duration` reads back.

    >>> format_duration(timedelta(minutes=120))
    '2h'
    """
    micros = value // timedelta(microseconds=1)
    for unit in ("w", "d", "h", "m", "s"):
        size = round(_UNITS[unit] * 1_000_000)
        if micros and micros % size == 0:
            return f"{micros // size}{unit}"
    return f"{micros / 1000:.3f}".rstrip("0").rstrip(".") + "ms"


def parse_share(value: Any) -> float:
    """`30%` or `0.3` as 0.3. Raises ValueError saying what is allowed.

    >>> parse_share("30%"), parse_share(0.3)
    (0.3, 0.3)
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    match = _PERCENT.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a share is a number such as 0.3 or a percentage such as 30%")
    return float(match[1]) / 100


def parse_size(value: Any) -> int:
    """`50MB` as bytes. Raises ValueError saying what is allowed.

    >>> parse_size("50MB")
    50000000
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _SIZE.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a size is a number and a unit, e.g. 500KB, 50MB or 2GB")
    return round(float(match[1]) * _BYTES[match[2]])


def format_size(value: int) -> str:
    """The shortest writing that `parse_size` reads back as the same number; bytes where there is no whole one."""
    for unit in ("GB", "MB", "KB"):
        if value and value % _BYTES[unit] == 0:
            return f"{value // _BYTES[unit]}{unit}"
    return f"{value}B"


def parse_budget(value: Any) -> tuple[timedelta, timedelta]:
    """`30m/week` as (30 minutes, 7 days). Raises ValueError saying what is allowed.

    >>> parse_budget("30m/week")
    (datetime.timedelta(seconds=1800), datetime.timedelta(days=7))
    """
    per = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
    if isinstance(value, tuple) and len(value) == 2:
        return value
    amount, slash, period = value.partition("/") if isinstance(value, str) else ("", "", "")
    if not slash or period not in per:
        raise ValueError("a budget is a duration per day, week or month, e.g. 30m/week")
    return parse_duration(amount), per[period]


def _format_budget(value: tuple[timedelta, timedelta]) -> str:
    period = {1: "day", 7: "week", 30: "month"}[value[1].days]
    return f"{format_duration(value[0])}/{period}"


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration, when_used="json")]
Size = Annotated[int, BeforeValidator(parse_size), PlainSerializer(format_size, when_used="json"), Field(gt=0)]
"""Bytes, written `50MB`."""
Share = Annotated[float, BeforeValidator(parse_share), Field(ge=0)]
Budget = Annotated[
    tuple[timedelta, timedelta], BeforeValidator(parse_budget), PlainSerializer(_format_budget, when_used="json")
]


def parse_cron(value: Any) -> str:
    """A cron expression of five fields. Raises ValueError saying what is allowed."""
    from croniter import croniter

    if not isinstance(value, str) or len(value.split()) != 5 or not croniter.is_valid(value):
        raise ValueError('a schedule is a cron expression of five fields in UTC, e.g. "0 2 * * *"')
    return value


Cron = Annotated[str, BeforeValidator(parse_cron)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""Lower-case letters, digits and underscores: it becomes a DAG id, a git tag and a table name."""
Columns = Annotated[tuple[str, ...], Field(min_length=1)]


class Gain(Section):
    """A difference in the metric's own direction: absolute (`0.002`) or relative to the champion's value (`1%`)."""

    absolute: float | None = Field(default=None, ge=0)
    """In the metric's own units, e.g. `0.002`."""
    relative: Share | None = None
    """As a share of the value compared with, e.g. `1%`."""

    def of(self, value: float) -> float:
        """The difference as a number, given the champion's value of the metric.

        >>> Gain(relative="1%").of(0.8)
        0.008
        """
        if self.relative is not None:
            return abs(value) * self.relative
        return self.absolute or 0.0
