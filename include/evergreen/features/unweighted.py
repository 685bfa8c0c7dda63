"""A classifier that learned from rows of different weight, telling probabilities as if they had weighed the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

Array = np.ndarray[Any, Any]


class Unweighted(BaseEstimator):  # type: ignore[misc]
    """`model`: fitted; `counts`: what a row of each of its classes counted. Rows of a class that count w-fold raise its
    odds w-fold (C. Elkan: The foundations of cost-sensitive learning, IJCAI 2001, theorem 2), so dividing by w and
    making the probabilities add up again takes that back. What was learned by looking harder at those rows stays.
    """

    def __init__(self, model: Any, counts: Sequence[float]) -> None:
        self.model = model
        self.counts = counts

    def fit(self, x: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Nothing: the model is fitted."""
        return self

    def predict_proba(self, x: Any) -> Array:
        """Rows × classes; x as the model takes it."""
        return self.shares(np.asarray(self.model.predict_proba(x), dtype=np.float64))

    def shares(self, shares: Array) -> Array:
        """What the model says, rows × classes, with the weights taken back."""
        made = shares / np.asarray(self.counts)
        return np.asarray(made / made.sum(axis=1, keepdims=True))

    def __sklearn_is_fitted__(self) -> bool:
        return True
