"""Example rows: to warm a model up with, and to see that it still predicts what it did."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from evergreen.columns import kind_named
from evergreen.delivery.predictor import InputColumn

TOLERANCE = 1e-6
"""Largest difference of a number, relative to its size, that counts as the same prediction."""


def made_up_row(schema: Iterable[InputColumn]) -> pl.DataFrame:
    """One row that fits `schema` and means nothing."""
    kinds = {column.name: kind_named(column.type) for column in schema}
    return pl.DataFrame([pl.Series(name, [kind.sample], dtype=kind.dtype) for name, kind in kinds.items()])


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
