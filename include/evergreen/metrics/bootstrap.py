"""How sure a metric, or a difference of two models, is: the block bootstrap, paired and seeded.

Rows of one block (a day, a group) err together, so whole blocks are drawn. The spread over resamples gives a standard
error; the interval is Student's t with J − 1 degrees of freedom and the factor √(J / (J − 1)), because with a dozen
blocks plain percentiles are too narrow and would promote too often. For sums over equal blocks it is the t-test.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from .registry import Metric, gain
from .scored import Array, Scored

RESAMPLES = 1000
MOST_BLOCKS = 1000
"""More blocks than this are pooled at random: a standard error over so many is known to 2%, at a fixed cost."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its standard error; NaN where it can't be told. `blocks` is J."""

    value: float
    error: float
    blocks: int

    def bound(self, confidence: float, *, upper: bool) -> float:
        """The one-sided bound that the truth passes with probability 1 − `confidence`."""
        from scipy.stats import t

        if self.blocks < 2:
            return float("nan")
        width = float(t.ppf(confidence, self.blocks - 1)) * self.error
        return self.value + width if upper else self.value - width

    def interval(self, confidence: float) -> tuple[float, float]:
        """The two-sided interval."""
        both = (1 + confidence) / 2
        return self.bound(both, upper=False), self.bound(both, upper=True)

    def probability_below(self, limit: float) -> float:
        """One-sided p-value of "the truth is at least `limit`": small where the value lies clearly below."""
        from scipy.stats import t

        if self.blocks < 2 or not np.isfinite(self.value):
            return float("nan")
        if self.error == 0:
            return 0.0 if self.value < limit else 1.0
        return float(t.cdf((self.value - limit) / self.error, self.blocks - 1))


def draw_counts(blocks: int, resamples: int, seed: int) -> Array:
    """How often each of J blocks is drawn in each of B resamples: B × J, each row sums to J."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, blocks, size=(resamples, blocks)) + np.arange(resamples)[:, None] * blocks
    counts = np.bincount(drawn.ravel(), minlength=resamples * blocks)
    return counts.reshape(resamples, blocks).astype(np.float64)


@dataclass(frozen=True)
class Comparison:
    """Two models on the same rows; `difference`: how much better the challenger is (positive is better)."""

    challenger: Estimate
    champion: Estimate
    difference: Estimate


def compare(
    metric: Metric,
    challenger: Scored,
    champion: Scored,
    blocks: Array,
    number: int,
    seed: int,
    resamples: int = RESAMPLES,
) -> Comparison:
    """Both metrics and their paired difference, all from the same resamples of blocks (codes 0…number−1)."""
    one, other = metric.value(challenger), metric.value(champion)
    apart = gain(metric, one, other)
    if number < 2:
        return Comparison(*(Estimate(value, float("nan"), number) for value in (one, other, apart)))
    pooled, groups = _pooled(blocks, number, seed)
    counts = draw_counts(groups, resamples, seed)
    mine = metric.resampled(challenger, pooled, counts)
    theirs = metric.resampled(champion, pooled, counts)
    return Comparison(
        Estimate(one, _spread(mine, groups), groups),
        Estimate(other, _spread(theirs, groups), groups),
        Estimate(apart, _spread(mine - theirs, groups), groups),
    )


def estimate(
    metric: Metric, rows: Scored, blocks: Array, number: int, seed: int, resamples: int = RESAMPLES
) -> Estimate:
    """The metric of `rows` with its standard error over resampled blocks (codes 0…number−1)."""
    value = metric.value(rows)
    if number < 2:
        return Estimate(value, float("nan"), number)
    pooled, groups = _pooled(blocks, number, seed)
    drawn = metric.resampled(rows, pooled, draw_counts(groups, resamples, seed))
    return Estimate(value, _spread(drawn, groups), groups)


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
        return float("nan")
    return float(defined.std(ddof=1)) * sqrt(number / (number - 1))
