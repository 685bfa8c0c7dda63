"""`features:` what is estimated from training rows, inside the one pipeline."""

from __future__ import annotations

from typing import Literal

from evergreen.spec.base import Columns, Section


class Categorical(Section):
    """Columns of categories and how they become numbers."""

    columns: Columns
    encode: Literal["target", "onehot", "ordinal"] = "onehot"


class Numeric(Section):
    """Columns of numbers: what fills the missing, and how they are scaled."""

    columns: Columns
    impute: Literal["median", "mean", "constant", "none"] = "median"
    scale: Literal["standard", "none"] = "none"


class Calendar(Section):
    """Columns of times and which parts of them (UTC) become numbers."""

    columns: Columns
    parts: tuple[Literal["hour", "weekday", "month", "day", "dayofyear"], ...] = ("hour", "weekday", "month")


class Features(Section):
    """Absent, the columns are sorted by type: numbers, categories, times."""

    categorical: Categorical | None = None
    numeric: Numeric | None = None
    calendar: Calendar | None = None

    def columns(self) -> tuple[str, ...]:
        """All columns named, in order."""
        parts = (self.categorical, self.numeric, self.calendar)
        return tuple(column for part in parts if part is not None for column in part.columns)
