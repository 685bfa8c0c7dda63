"""Numbers with a fraction."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from evergreen.columns.base import ColumnKind
from evergreen.columns.comparison import NUMBERS


class Number(ColumnKind):
    """A finite number; also what a column is that has no value at all."""

    name = "float"
    section = "numeric"
    dtype = pl.Float64()
    written = ("Float", "Decimal")
    json_type = "number"
    sample = 0.0
    comparison = NUMBERS

    def holds(self, dtype: pl.DataType) -> bool:
        """Floats and decimals, and columns of nulls alone."""
        return (dtype.is_numeric() and not dtype.is_integer()) or isinstance(dtype, pl.Null)

    def read(self, value: Any) -> float:
        """A number that a float holds."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("expected a number")  # noqa: TRY004
        try:
            number = float(value)
        except OverflowError:
            raise ValueError("expected a number of at most 64 bits") from None
        if not math.isfinite(number):
            raise ValueError("expected a finite number")
        return number

    def takes(self, other: ColumnKind) -> bool:
        """Any number."""
        return other.comparison is NUMBERS

    def raised(self, column: pl.Expr, by: float) -> pl.Expr:
        """By so much."""
        return column + by
