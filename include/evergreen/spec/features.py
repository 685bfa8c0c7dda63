"""`features:` what is estimated from training rows, inside the one pipeline."""

from __future__ import annotations

from typing import Literal

from evergreen.spec.base import Columns, Section


class Categorical(Section):
    """Columns of categories and how they become numbers."""

    columns: Columns
    """The columns."""
    encode: Literal["target", "onehot", "ordinal"] = "onehot"
    """`onehot`: a column for each category; of more than fifty the rarer ones share one. `target`: what the target is
    like there, learned on other rows. `ordinal`: a code."""


class Numeric(Section):
    """Columns of numbers: what fills the missing, and how they are scaled."""

    columns: Columns
    """The columns."""
    impute: Literal["median", "mean", "constant", "none"] = "median"
    """What fills a gap. `constant` is 0. `none` leaves it, and gives the median to candidates that take no gaps."""
    scale: Literal["standard", "none"] = "none"
    """`standard`: mean 0, deviation 1. Candidates that want one scale get it anyway."""


class Calendar(Section):
    """Columns of times and which parts of them (UTC) become numbers."""

    columns: Columns
    """The columns."""
    parts: tuple[Literal["hour", "weekday", "month", "day", "dayofyear"], ...] = ("hour", "weekday", "month")
    """The parts of a time that become numbers, in UTC."""


class Features(Section):
    """Absent, the columns are sorted by type: numbers, categories, times."""

    categorical: Categorical | None = None
    numeric: Numeric | None = None
    calendar: Calendar | None = None

    def columns(self) -> tuple[str, ...]:
        """All columns named, in order."""
        parts = (self.categorical, self.numeric, self.calendar)
        return tuple(column for part in parts if part is not None for column in part.columns)
