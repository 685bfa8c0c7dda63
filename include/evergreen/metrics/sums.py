"""Metrics that are a function of sums over rows: a resample of blocks is one small matrix product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from evergreen.tasks.scored import Array, Scored

Sums = Callable[[Scored, Array, int], Array]
"""Of rows, their block codes and J: J × s sums."""


@dataclass(frozen=True)
class SumMetric:
    """`sums` adds up each block's rows (J × s), `combine` turns sums (… × s) into the metric (…)."""

    name: str
    higher_is_better: bool
    sums: Sums
    combine: Callable[[Array], Array]
    bounds: tuple[float, float] = (0.0, inf)

    def value(self, rows: Scored) -> float:
        """The metric of the rows; NaN where it is not defined."""
        return float(self.combine(self.sums(rows, np.zeros(len(rows), dtype=np.int64), 1)[0]))

    def resampled(self, rows: Scored, blocks: Array, counts: Array) -> Array:
        """The metric of each resample: `counts` (B × J) says how often each block is drawn."""
        return self.combine(counts @ self.sums(rows, blocks, counts.shape[1]))


def add_up(columns: list[Array], blocks: Array, number: int) -> Array:
    """Sums of each column (n numbers a column) over each block: J × s."""
    return np.column_stack([np.bincount(blocks, weights=column, minlength=number) for column in columns])


def mean_of(values: Callable[[Scored], Array]) -> Sums:
    """The sums behind a mean over rows of `values` (n numbers): for `mean`."""

    def sums(rows: Scored, blocks: Array, number: int) -> Array:
        return add_up([values(rows), np.ones(len(rows))], blocks, number)

    return sums


def ratio(top: Array, bottom: Array) -> Array:
    """`top / bottom`, NaN where `bottom` is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


def mean(sums: Array) -> Array:
    """The first sum over the second."""
    return ratio(sums[..., 0], sums[..., 1])
