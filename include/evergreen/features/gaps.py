"""How long lies between the times of a row."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class TimeGaps(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Takes n × c times (`datetime64`), gives the days between each two columns: n × (c · (c − 1) / 2) floats, NaN
    where one of the two is missing. Nothing is estimated from data.
    """

    def fit(self, x: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Only remembers how many columns there are."""
        self.n_features_in_ = x.shape[1]
        return self

    def transform(self, x: Any) -> np.ndarray[Any, Any]:
        """The days from each column to each later one."""
        times = np.asarray(x, dtype="datetime64[us]")
        days = times.astype(np.int64) / 86_400e6
        days[np.isnat(times)] = np.nan
        return np.column_stack([days[:, b] - days[:, a] for a, b in combinations(range(self.n_features_in_), 2)])
