"""Two samples as shares of common bins, cut the way Evidently 0.7 cuts them, so that verdicts agree.

Source: `evidently.legacy.calculations.stattests.utils.get_binned_data`. Numbers with more than 20 distinct values in
the reference get bins of equal width by Sturges' rule over both samples; everything else has one bin a value.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Shares: TypeAlias = npt.NDArray[np.float64]

_DISTINCT = 20
_PEEK = 100_000


def binned_shares(reference: pl.Series, current: pl.Series) -> tuple[Shares, Shares]:
    """Each sample's share of its rows in each common bin. Neither may be empty or hold nulls or NaN."""
    if reference.dtype == pl.Float64 and _many_values(reference):
        counts = _equal_widths(reference, current)
    else:
        counts = _one_per_value(reference, current)
    return counts[0] / reference.len(), counts[1] / current.len()


def fill_zeroes(shares: Shares) -> Shares:
    """Evidently's stand-in for empty bins: 0.0001, or a millionth of the smallest share where that is smaller still."""
    smallest = shares[shares > 0].min()
    return np.where(shares == 0, smallest / 10**6 if smallest <= 0.0001 else 0.0001, shares)


def _many_values(values: pl.Series) -> bool:
    # counting distinct values of all rows is the dear part, and the first rows nearly always settle it
    return values.head(_PEEK).n_unique() > _DISTINCT or values.n_unique() > _DISTINCT


def _equal_widths(reference: pl.Series, current: pl.Series) -> tuple[Shares, Shares]:
    ends = [float(value) for side in (reference, current) for value in (side.min(), side.max())]  # type: ignore[arg-type]
    low, high = min(ends), max(ends)
    width = (high - low) / (math.log2(reference.len() + current.len()) + 1.0)
    edges = np.linspace(low, high, math.ceil((high - low) / width) + 1)
    return _histogram(reference, edges), _histogram(current, edges)


def _histogram(values: pl.Series, edges: Shares) -> Shares:
    """Rows in each half-open bin, the last one closed: exactly `numpy.histogram`, without its sort."""
    frame = values.to_frame("x").lazy()
    at_least = frame.select((pl.col("x") >= edge).sum().alias(str(i)) for i, edge in enumerate(edges[:-1])).collect()
    return -np.diff(np.array([*at_least.row(0), 0], dtype=np.float64))


def _one_per_value(reference: pl.Series, current: pl.Series) -> tuple[Shares, Shares]:
    sides = [
        values.to_frame("value").lazy().group_by("value").agg(pl.len().alias(name))
        for name, values in (("reference", reference), ("current", current))
    ]
    both = sides[0].join(sides[1], on="value", how="full", coalesce=True).sort("value").fill_null(0).collect()
    return both["reference"].to_numpy().astype(np.float64), both["current"].to_numpy().astype(np.float64)
