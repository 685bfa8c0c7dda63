"""A number known up to chance: its standard error over blocks, its bounds and p-values.

Bounds are Student's t, widened on the side where the blocks' skewness makes them too narrow: a challenger that is a bit
better on most days and much worse on a few looks surer than it is. The correction is Hall's transformation (P. Hall: On
the removal of skewness by transformation, J. R. Statist. Soc. B 54, 1992); it never makes a bound tighter than t, nor
more than `_WIDEST` times as wide: with few blocks one odd day bends the transformation past where it means anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cbrt, nan, sqrt

import numpy as np

_STRAIGHT = 1e-6
"""Below this skewness the transformation is the identity."""
_SHORT = 5
_WIDEST = 2.25
"""By simulation: means of seven exponentials need that much at 99%, of fourteen 1.8, of fourteen lognormals 2.4."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its standard error; NaN where it can't be told.

    `blocks` is J; `skew` the skewness of the blocks' influences; `weight` how many equal blocks theirs weigh as much as
    (Kish: (Σn)² / Σn²), which sets the degrees of freedom: where one day has most of the rows, there are few of them.
    """

    value: float
    error: float
    blocks: int
    skew: float = 0.0
    weight: float = nan

    def bound(self, confidence: float, *, upper: bool) -> float:
        """The one-sided bound that the truth passes with probability 1 − `confidence`.

        >>> round(Estimate(value=0.02, error=0.01, blocks=14).bound(0.95, upper=False), 4)
        0.0023
        """
        from scipy.stats import t

        freedom = self._freedom()
        if freedom <= 0:
            return nan
        wide = float(t.ppf(confidence, freedom))
        bent = _back(wide, self._bend() * (-1 if upper else 1))
        wide = min(max(wide, bent), _WIDEST * wide)
        return self.value + (wide if upper else -wide) * self.error

    def interval(self, confidence: float) -> tuple[float, float]:
        """The two-sided interval.

        >>> low, high = Estimate(value=0.02, error=0.01, blocks=14).interval(0.95)
        >>> round(low, 4), round(high, 4)
        (-0.0016, 0.0416)
        """
        both = (1 + confidence) / 2
        return self.bound(both, upper=False), self.bound(both, upper=True)

    def probability_below(self, limit: float) -> float:
        """One-sided p-value of "the truth is at least `limit`": small where the value lies clearly below."""
        from scipy.stats import t

        freedom = self._freedom()
        if freedom <= 0 or not np.isfinite(self.value):
            return nan
        if self.error == 0:
            return 0.0 if self.value < limit else 1.0
        distance = (self.value - limit) / self.error
        nearer = max(distance, _forth(distance, self._bend()))
        if distance < 0:
            nearer = min(nearer, distance / _WIDEST)
        return float(t.cdf(nearer, freedom))

    def _freedom(self) -> float:
        if self.blocks < 2:
            return 0.0
        return (self.weight if np.isfinite(self.weight) else self.blocks) - 1

    def _bend(self) -> float:
        return self.skew / sqrt(self.blocks) if np.isfinite(self.skew) else 0.0


def _forth(distance: float, bend: float) -> float:
    """Hall's transformation of a studentized distance, after which it is less skewed."""
    return distance + bend * distance**2 / 3 + bend**2 * distance**3 / 27 + bend / 6


def _back(wide: float, bend: float) -> float:
    """The distance whose transformation is `wide`."""
    if abs(bend) < _STRAIGHT:
        return wide
    return float(3 / bend * (cbrt(1 + bend * (wide - bend / 6)) - 1))


def skewness(influences: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Of J influences; 0 where there are fewer than three or they don't vary.

    Fisher's G1 times 1 + 5 / J: G1 is right on average for normal samples only and too small for skewed ones (Joanes,
    Gill: Comparing measures of sample skewness and kurtosis, 1998), by about that factor for 7 to 60 exponentials.
    """
    defined = influences[np.isfinite(influences)]
    n = len(defined)
    if n < 3:
        return 0.0
    centred = defined - defined.mean()
    spread = float((centred**2).mean())
    if spread <= np.finfo(np.float64).tiny:
        return 0.0
    return float((centred**3).mean() / spread**1.5) * sqrt(n * (n - 1)) / (n - 2) * (1 + _SHORT / n)
