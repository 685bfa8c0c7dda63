"""Whole numbers."""

from __future__ import annotations

from typing import Any

import polars as pl

from evergreen.columns.base import ColumnKind
from evergreen.columns.comparison import NUMBERS


class Integer(ColumnKind):
    """A whole number of at most 64 bits."""

    name = "int"
    section = "numeric"
    dtype = pl.Int64()
    written = ("Int", "UInt")
    json_type = "integer"
    sample = 0
    comparison = NUMBERS

    def holds(self, dtype: pl.DataType) -> bool:
        """Integers, signed or not."""
        return dtype.is_integer()

    def read(self, value: Any) -> int:
        """An integer, or a float without a fraction."""
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole:
            raise ValueError("expected a whole number")
        if not -(2**63) <= value < 2**63:
            raise ValueError("expected a whole number of at most 64 bits")
        return int(value)

    def takes(self, other: ColumnKind) -> bool:
        """Any number."""
        return other.comparison is NUMBERS

    def raised(self, column: pl.Expr, by: float) -> pl.Expr:
        """Stays whole where `by` is."""
        return column + (int(by) if by.is_integer() else by)
