"""k nearest neighbours that take fewer rows than neighbours."""

from __future__ import annotations

from typing import Any, Self

from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor


class _Capped:
    n_neighbors: int

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803 - scikit-learn's signature
        """As scikit-learn's, with at most as many neighbours as there are rows."""
        self.n_neighbors = min(self.n_neighbors, len(X))
        super().fit(X, y)  # type: ignore[misc]
        return self


class NeighboursClassifier(_Capped, KNeighborsClassifier):  # type: ignore[misc]
    """scikit-learn's KNeighborsClassifier."""


class NeighboursRegressor(_Capped, KNeighborsRegressor):  # type: ignore[misc]
    """scikit-learn's KNeighborsRegressor."""
