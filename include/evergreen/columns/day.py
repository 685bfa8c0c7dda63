"""Days."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from evergreen.columns.base import ColumnKind


class Day(ColumnKind):
    """A date in a request. A model takes it as its midnight, so no table's column is of this kind."""

    name = "date"
    dtype = pl.Date()
    written = ("Date",)
    json_type = "string"
    json_format = "date"
    sample = date(2000, 1, 1)

    def holds(self, dtype: pl.DataType) -> bool:  # noqa: ARG002 - `Moment` has them
        """None."""
        return False

    def read(self, value: Any) -> date:
        """ISO 8601."""
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValueError("expected an ISO 8601 date, e.g. 2013-03-01") from None
