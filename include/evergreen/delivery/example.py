"""Example rows: to warm a model up with, and to see that it still predicts what it did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import polars as pl

from evergreen.delivery.predictor import InputColumn
from evergreen.table import TIME

TOLERANCE = 1e-6
"""Largest difference of a number, relative to its size, that counts as the same prediction."""

_VALUES: dict[str, tuple[Any, pl.DataType]] = {
    "int": (0, pl.Int64()),
    "float": (0.0, pl.Float64()),
    "string": ("", pl.String()),
    "bool": (False, pl.Boolean()),
    "datetime": (datetime(2000, 1, 1, tzinfo=UTC), TIME),
}


def made_up_row(schema: Iterable[InputColumn]) -> pl.DataFrame:
    """One row that fits `schema` and means nothing."""
    return pl.DataFrame(
        [pl.Series(column.name, [_VALUES[column.type][0]], dtype=_VALUES[column.type][1]) for column in schema]
    )


def differing_rows(answered: pl.DataFrame, expected: pl.DataFrame) -> int:
    """How many rows of two sets of predictions differ; numbers by more than TOLERANCE. All, if the shapes differ."""
    if set(answered.columns) != set(expected.columns) or answered.height != expected.height:
        return max(answered.height, expected.height, 1)
    wrong = pl.Series([False] * expected.height, dtype=pl.Boolean)
    for name in expected.columns:
        left, right = answered[name], expected[name]
        if left.dtype.is_float() or right.dtype.is_float():
            left, right = left.cast(pl.Float64), right.cast(pl.Float64)
            near = (left - right).abs() <= TOLERANCE * right.abs().clip(lower_bound=1.0)
            same = near.fill_null(False) | (left.is_null() & right.is_null()) | left.eq_missing(right)
        else:
            same = left.cast(pl.String).eq_missing(right.cast(pl.String))
        wrong |= ~same
    return int(wrong.sum())
