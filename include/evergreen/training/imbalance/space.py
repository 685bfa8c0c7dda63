"""Where neighbours are looked for: features of one scale, without gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evergreen.training.imbalance.base import Array


@dataclass(frozen=True)
class Space:
    """Standardised features with the column's mean where a value is missing."""

    center: Array
    spread: Array

    @classmethod
    def of(cls, x: Array) -> Space:
        """The space of these rows; a column that is all missing or constant adds no distance."""
        some = ~np.isnan(x)
        number = np.maximum(some.sum(axis=0), 1)
        center = np.where(some, x, 0).sum(axis=0) / number
        spread = np.sqrt((np.where(some, x - center, 0) ** 2).sum(axis=0) / number)
        return cls(center, np.where(spread > 0, spread, 1.0))

    def enter(self, x: Array) -> Array:
        """Rows as points."""
        return np.asarray(np.nan_to_num((x - self.center) / self.spread, nan=0.0))

    def leave(self, points: Array) -> Array:
        """Points as rows."""
        return np.asarray(points * self.spread + self.center)
