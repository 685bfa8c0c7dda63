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
    return rng.multinomial(blocks, np.full(blocks, 1 / blocks), size=resamples).astype(np.float64)


def estimate(
    metric: Metric, rows: Scored, blocks: Array, number: int, seed: int, resamples: int = RESAMPLES
) -> Estimate:
    """The metric of `rows` with its standard error over resampled blocks (codes 0…number−1)."""
    drawn = _resampled(metric, rows, blocks, number, seed, resamples)
    return Estimate(metric.value(rows), _spread(drawn, number), number)


def difference(
    metric: Metric,
    challenger: Scored,
    champion: Scored,
    blocks: Array,
    number: int,
    seed: int,
    resamples: int = RESAMPLES,
) -> Estimate:
    """How much better the challenger is (positive is better), both judged on the same rows and the same resamples."""
    value = gain(metric, metric.value(challenger), metric.value(champion))
    mine = _resampled(metric, challenger, blocks, number, seed, resamples)
    theirs = _resampled(metric, champion, blocks, number, seed, resamples)
    return Estimate(value, _spread(mine - theirs, number), number)


def _resampled(metric: Metric, rows: Scored, blocks: Array, number: int, seed: int, resamples: int) -> Array:
    """In chunks of resamples, so that a block a row does not need B × n numbers at once."""
    if number < 2:
        return np.empty(0)
    step = max(1, 20_000_000 // number)
    rng_seeds = np.random.SeedSequence(seed).generate_state(max(1, -(-resamples // step)))
    found = []
    for index, first in enumerate(range(0, resamples, step)):
        counts = draw_counts(number, min(step, resamples - first), int(rng_seeds[index]))
        found.append(metric.resampled(rows, blocks, counts))
    return np.concatenate(found)


def _spread(drawn: Array, number: int) -> float:
    """Standard error over the resamples in which the metric is defined; NaN when that is fewer than half of them."""
    defined = drawn[np.isfinite(drawn)]
    if len(defined) < 2 or len(defined) < len(drawn) / 2:
        return float("nan")
    return float(defined.std(ddof=1)) * sqrt(number / (number - 1))
