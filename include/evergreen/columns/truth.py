"""True or false."""

from __future__ import annotations

from typing import Any

import polars as pl

from evergreen.columns.base import ColumnKind
from evergreen.columns.comparison import CATEGORIES


class Truth(ColumnKind):
    """A boolean."""

    name = "bool"
    section = "numeric"
    dtype = pl.Boolean()
    written = ("Boolean",)
    json_type = "boolean"
    sample = False
    comparison = CATEGORIES

    def holds(self, dtype: pl.DataType) -> bool:
        """Booleans."""
        return dtype == pl.Boolean

    def read(self, value: Any) -> bool:
        """JSON's own."""
        if not isinstance(value, bool):
            raise ValueError("expected true or false")  # noqa: TRY004
        return value
