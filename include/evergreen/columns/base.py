"""What every kind of column has to say of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import polars as pl

from evergreen.columns.comparison import Comparison


class ColumnKind(ABC):
    """A kind of values. An instance holds nothing."""

    name: ClassVar[str]
    """As a model's schema and messages call it."""
    dtype: ClassVar[pl.DataType]
    written: ClassVar[tuple[str, ...]]
    """How names of its Polars types begin."""
    json_type: ClassVar[str]
    json_format: ClassVar[str | None] = None
    sample: ClassVar[Any]
    """A value that means nothing: to warm a model up with."""
    section: ClassVar[str] = ""
    """The section of `features:` that makes features from it; empty: none does."""
    comparison: ClassVar[Comparison | None] = None
    """How its drift is seen; None: it moves by itself, and isn't compared."""

    @abstractmethod
    def holds(self, dtype: pl.DataType) -> bool:
        """Whether a model takes a table's column of this Polars type as this kind."""

    @abstractmethod
    def read(self, value: Any) -> Any:
        """A value of a JSON request, as Polars takes it. Raises ValueError or OverflowError: what is expected."""

    def takes(self, other: ColumnKind) -> bool:
        """Whether a model that learned from this kind can be given a column of the other."""
        return self is other

    def raised(self, column: pl.Expr, by: float) -> pl.Expr | None:  # noqa: ARG002 - most can't be
        """The column raised by so much (times: seconds); None where that means nothing."""
        return None

    def said(self, name: str, value: Any) -> pl.Series:
        """One value as the owner wrote it in YAML. Raises Polars' errors where it is not of this kind."""
        return pl.Series(name, [value]).cast(self.dtype)

    def json_schema(self, *, nullable: bool) -> dict[str, Any]:
        """The JSON Schema of a value."""
        schema: dict[str, Any] = {"type": [self.json_type, "null"] if nullable else self.json_type}
        if self.json_format is not None:
            schema["format"] = self.json_format
        return schema
