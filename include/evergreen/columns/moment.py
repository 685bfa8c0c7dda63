"""Points in time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from evergreen.columns.base import ColumnKind
from evergreen.table import TIME


class Moment(ColumnKind):
    """A date and time in UTC. It moves by itself, so its drift says nothing."""

    name = "datetime"
    section = "calendar"
    dtype = TIME
    written = ("Datetime",)
    json_type = "string"
    json_format = "date-time"
    sample = datetime(2000, 1, 1, tzinfo=UTC)

    def holds(self, dtype: pl.DataType) -> bool:
        """Times, and dates, which are taken as their midnight."""
        return isinstance(dtype, pl.Datetime | pl.Date)

    def read(self, value: Any) -> datetime:
        """ISO 8601; without a zone it is UTC."""
        expected = "expected an ISO 8601 date and time, e.g. 2013-03-01T06:30:00Z"
        try:
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(expected) from None

    def raised(self, column: pl.Expr, by: float) -> pl.Expr:
        """By seconds."""
        return column.cast(self.dtype) + pl.duration(microseconds=round(by * 1e6))

    def said(self, name: str, value: Any) -> pl.Series:
        """As text, or as YAML reads it."""
        text = None if value is None else str(value)
        return pl.Series(name, [text], dtype=pl.String).str.to_datetime(time_unit="us", time_zone="UTC")
