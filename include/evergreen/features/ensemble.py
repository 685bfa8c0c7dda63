"""Several fitted models that answer as one: the weighted mean of what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

Array = np.ndarray[Any, Any]
Part = tuple[Any, Sequence[Any], Sequence[float]]


class Ensemble(BaseEstimator):  # type: ignore[misc]
    """`parts`: fitted features, the fitted estimators that take them, and their weights; all weights add up to 1.

    Features that several estimators share are computed once a row. Classifiers have the same classes in the same order.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts

    def fit(self, x: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Nothing: its members are fitted."""
        return self

    def predict(self, x: Any) -> Array:
        """The weighted mean of the members' numbers; x as the features take it."""
        return self._mean(x, "predict")

    def predict_proba(self, x: Any) -> Array:
        """The weighted mean of the members' probabilities: rows × classes."""
        return self._mean(x, "predict_proba")

    def _mean(self, x: Any, ask: str) -> Array:
        total: Any = 0.0
        for features, estimators, weights in self.parts:
            rows = features.transform(x)
            for estimator, weight in zip(estimators, weights, strict=True):
                total = total + weight * np.asarray(getattr(estimator, ask)(rows), dtype=np.float64)
        return np.asarray(total)

    def __sklearn_is_fitted__(self) -> bool:
        return True
