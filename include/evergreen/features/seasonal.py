"""What one says who looks at the clock alone."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from evergreen.features.calendar import CalendarParts
from evergreen.tasks.scored import middle

Array = np.ndarray[Any, Any]
SEASONS: dict[str, tuple[str, ...]] = {
    "hour": ("hour",),
    "weekday": ("weekday",),
    "hour of the week": ("weekday", "hour"),
    "month": ("month",),
}
"""The parts of a time (in UTC) that rows have in common in a season's cell."""
_PRIOR = 5.0
"""So many rows with what is said of all count in every cell, and are all there is in one that was never seen."""


class Seasonal(BaseEstimator):  # type: ignore[misc]
    """The target's mean or quantile, or its classes' shares, in each cell of a season: rows at the same hour, on the
    same weekday.

    `season`: a name of `SEASONS`; `classes`: how many codes a classification's target has, 0 for a regression;
    `quantile`: of a regression's, None: the mean.
    """

    def __init__(self, season: str, classes: int = 0, quantile: float | None = None) -> None:
        self.season = season
        self.classes = classes
        self.quantile = quantile

    def fit(self, x: Any, y: Any) -> Self:
        """`x`: n × 1 times (UTC), NaT where missing; `y`: n numbers or codes 0…classes−1."""
        values = np.eye(self.classes)[np.asarray(y, dtype=np.int64)] if self.classes else np.asarray(y)[:, None]
        known, places, counts = np.unique(self._cells(x), return_inverse=True, return_counts=True)
        cells = np.split(values[np.argsort(places, kind="stable")], np.cumsum(counts)[:-1])
        own = np.array([middle(cell, self.quantile) for cell in cells])
        self.overall_ = middle(values, self.quantile)
        self.known_ = known
        self.means_ = (counts[:, None] * own + _PRIOR * self.overall_) / (counts[:, None] + _PRIOR)
        return self

    def predict_proba(self, x: Any) -> Array:
        """Rows × classes."""
        return self.means(x)

    def predict(self, x: Any) -> Array:
        """A regression's mean or quantile, a classification's likeliest code."""
        means = self.means(x)
        return np.asarray(means.argmax(axis=1) if self.classes else means[:, 0])

    def means(self, x: Any) -> Array:
        """Rows × classes, or × 1 for a regression."""
        cells = self._cells(x)
        places = np.searchsorted(self.known_, cells).clip(max=len(self.known_) - 1)
        return np.asarray(np.where((self.known_[places] == cells)[:, None], self.means_[places], self.overall_))

    def _cells(self, x: Any) -> Array:
        """A number a row; that of a row without a time is below all others."""
        parts = CalendarParts(SEASONS[self.season]).transform(x)
        return np.asarray(np.nan_to_num(np.floor(parts), nan=-1.0) @ np.power(100.0, np.arange(parts.shape[1])))
