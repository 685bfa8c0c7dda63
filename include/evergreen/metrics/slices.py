"""The rows taken apart by the values of a column."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from evergreen.tasks.scored import Array

MOST = 100
"""Slices of a column that are looked at, the largest first."""


def slices(values: pl.Series, least: int) -> tuple[list[tuple[str, Array]], int]:
    """Values with at least `least` rows, largest first, each with its row positions; and how many have fewer."""
    found = list(_groups(values))
    large = [(name, rows) for name, rows in found if len(rows) >= least][:MOST]
    return large, len(found) - len(large)


def _groups(values: pl.Series) -> Iterator[tuple[str, Array]]:
    texts = values.cast(pl.String).fill_null("missing")
    groups = pl.DataFrame({"value": texts, "row": np.arange(len(texts))}).group_by("value").agg("row")
    ordered = groups.sort(pl.col("row").list.len(), "value", descending=[True, False])
    for name, rows in ordered.iter_rows():
        yield str(name), np.asarray(rows)
