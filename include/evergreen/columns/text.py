"""Text: a category, or words."""

from __future__ import annotations

from typing import Any

import polars as pl

from evergreen.columns.base import ColumnKind
from evergreen.columns.comparison import CATEGORIES


class Text(ColumnKind):
    """Characters that UTF-8 has a place for."""

    name = "string"
    section = "categorical"
    dtype = pl.String()
    written = ("String", "Categorical", "Enum")
    json_type = "string"
    sample = ""
    comparison = CATEGORIES

    def holds(self, dtype: pl.DataType) -> bool:
        """Texts, and categories of them."""
        return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)

    def read(self, value: Any) -> str:
        """A string without NUL and lone surrogates."""
        if not isinstance(value, str):
            raise ValueError("expected a string")  # noqa: TRY004
        if "\0" in value or (not value.isprintable() and any("\ud800" <= character <= "\udfff" for character in value)):
            raise ValueError("expected a string of valid characters")
        return value

    def said(self, name: str, value: Any) -> pl.Series:
        """YAML's text; a number is none."""
        return pl.Series(name, [value], dtype=self.dtype)
