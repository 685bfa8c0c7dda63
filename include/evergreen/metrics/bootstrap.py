"""How sure a metric, or a difference of two models, is: the block bootstrap, paired and seeded.

Rows of one block (a day, a group) err together, so whole blocks are drawn. The spread over resamples, with the factor
√(J / (J − 1)), gives the standard error: for sums over equal blocks that of the t-test. Leaving out one block at a time
gives each block's influence, and the influences' skewness (Efron: Better bootstrap confidence intervals, 1987).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np

from evergreen.metrics.estimate import Estimate, skewness
from evergreen.metrics.registry import Metric, gain
from evergreen.tasks.scored import Array, Scored

RESAMPLES = 1000
MOST_BLOCKS = 1000
"""More blocks than this are pooled at random: a standard error over so many is known to 2%, at a fixed cost."""


@dataclass(frozen=True)
class Comparison:
    """Two models on the same rows; `difference`: how much better the challenger is (positive is better); `beyond`: by
    how much that exceeds a share of the champion's own value, which is as uncertain as the rest.
    """

    challenger: Estimate
    champion: Estimate
    difference: Estimate
    beyond: Estimate


@dataclass(frozen=True, eq=False)
class Resampling:
    """Resamples of one set of rows, drawn once for every metric and model that is asked about.

    `counts` ((B + J) × J): how often each block is drawn, after which each block is left out once; `weight` is the
    number of equal blocks that these weigh as much as.
    """

    blocks: Array
    number: int
    counts: Array
    weight: float

    @classmethod
    def of(cls, blocks: Array, number: int, seed: int, resamples: int = RESAMPLES) -> Resampling:
        """Of rows whose block codes are 0…number−1."""
        blocks, number = _pooled(blocks, number, seed)
        sizes = np.bincount(blocks, minlength=number).astype(np.float64)
        weight = float(sizes.sum() ** 2 / (sizes**2).sum()) if sizes.any() else 0.0
        left_out = np.ones((number, number)) - np.eye(number)
        return cls(blocks, number, np.vstack([draw_counts(number, resamples, seed), left_out]), weight)

    def estimate(self, metric: Metric, rows: Scored) -> Estimate:
        """The metric of `rows` with its standard error."""
        return self._told(metric.value(rows), self._drawn(metric, rows))

    def compare(self, metric: Metric, challenger: Scored, champion: Scored, share: float = 0.0) -> Comparison:
        """Both metrics and their paired difference, all from the same resamples; `share` is for `beyond`."""
        one, other = metric.value(challenger), metric.value(champion)
        mine, theirs = self._drawn(metric, challenger), self._drawn(metric, champion)
        value, apart = gain(metric, one, other), mine - theirs if metric.higher_is_better else theirs - mine
        return Comparison(
            self._told(one, mine),
            self._told(other, theirs),
            self._told(value, apart),
            self._told(value - share * abs(other), apart - share * np.abs(theirs)),
        )

    def bias(self, metric: Metric, rows: Scored) -> float:
        """By how much chance raises the metric, as resamples show it; 0 where they can't tell."""
        drawn = self._drawn(metric, rows)[: -self.number]
        defined = drawn[np.isfinite(drawn)]
        return float(defined.mean()) - metric.value(rows) if len(defined) else 0.0

    def _drawn(self, metric: Metric, rows: Scored) -> Array:
        return metric.resampled(rows, self.blocks, self.counts) if self.number > 1 else np.empty(0)

    def _told(self, value: float, drawn: Array) -> Estimate:
        if self.number < 2:
            return Estimate(value, nan, self.number)
        resampled, without = drawn[: -self.number], drawn[-self.number :]
        return Estimate(value, _spread(resampled, self.number), self.number, skewness(-without), self.weight)


def draw_counts(blocks: int, resamples: int, seed: int) -> Array:
    """How often each of J blocks is drawn in each of B resamples: B × J, each row sums to J."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, blocks, size=(resamples, blocks)) + np.arange(resamples)[:, None] * blocks
    counts = np.bincount(drawn.ravel(), minlength=resamples * blocks)
    return counts.reshape(resamples, blocks).astype(np.float64)


def compare(
    metric: Metric,
    challenger: Scored,
    champion: Scored,
    blocks: Array,
    number: int,
    seed: int,
    resamples: int = RESAMPLES,
) -> Comparison:
    """Both metrics and their paired difference over resampled blocks (codes 0…number−1)."""
    return Resampling.of(blocks, number, seed, resamples).compare(metric, challenger, champion)


def estimate(
    metric: Metric, rows: Scored, blocks: Array, number: int, seed: int, resamples: int = RESAMPLES
) -> Estimate:
    """The metric of `rows` with its standard error over resampled blocks (codes 0…number−1)."""
    return Resampling.of(blocks, number, seed, resamples).estimate(metric, rows)


def _pooled(blocks: Array, number: int, seed: int) -> tuple[Array, int]:
    """More than MOST_BLOCKS blocks as MOST_BLOCKS random groups of them: what is independent stays so together."""
    if number <= MOST_BLOCKS:
        return blocks, number
    group = np.random.default_rng([seed, number]).permutation(number) % MOST_BLOCKS
    return group[blocks], MOST_BLOCKS


def _spread(drawn: Array, number: int) -> float:
    """Standard error over the resamples in which the metric is defined; NaN when that is fewer than half of them."""
    defined = drawn[np.isfinite(drawn)]
    if len(defined) < 2 or len(defined) < len(drawn) / 2:
        return nan
    return float(defined.std(ddof=1)) * sqrt(number / (number - 1))
