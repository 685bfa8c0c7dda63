"""For boosters that fail where a column is all missing, or where all columns are constant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.dummy import DummyClassifier, DummyRegressor

Array = np.ndarray[Any, Any]
Found = TypeVar("Found")


class _Varying(BaseEstimator):  # type: ignore[misc]
    """`inner` learns from the columns that vary in the training rows; where there are none, the shares or the mean are
    all that can be learned.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def fit(self, x: Any, y: Any, sample_weight: Any = None) -> Self:
        """`x`: rows × features, NaN where missing."""
        self.fit_by(x, y, sample_weight, lambda inner, rows: inner.fit(rows, y, sample_weight=sample_weight))
        return self

    def fit_by(self, x: Any, y: Any, sample_weight: Any, learn: Callable[[Any, Array], Found]) -> Found | None:
        """`learn(inner, rows)` fits the copy of `inner` it is given; None where no column varies: it is not called."""
        x = np.asarray(x)
        some = ~np.isnan(x)
        first = np.take_along_axis(x, some.argmax(axis=0)[None, :], axis=0)  # NaN where all are missing
        self.columns_ = np.flatnonzero(((x != first) & some).any(axis=0) | (some.any(axis=0) & ~some.all(axis=0)))
        if not len(self.columns_):
            self.inner_ = self._plain().fit(x, y, sample_weight=sample_weight)
            return None
        self.inner_ = clone(self.inner)
        return learn(self.inner_, self.rows(x))

    def rows(self, x: Any) -> Array:
        """The columns that are learned from."""
        x = np.asarray(x, dtype=np.float64)
        return x if len(self.columns_) == x.shape[1] else np.asarray(x[:, self.columns_])

    def predict(self, x: Any) -> Array:
        """As the inner model's."""
        return np.asarray(self.inner_.predict(self.rows(x))).ravel()

    def _plain(self) -> Any:
        raise NotImplementedError


class VaryingClassifier(ClassifierMixin, _Varying):  # type: ignore[misc]
    """A classifier."""

    @property
    def classes_(self) -> Array:
        """The classes learned."""
        return np.asarray(self.inner_.classes_)

    def predict_proba(self, x: Any) -> Array:
        """Rows × classes."""
        return np.asarray(self.inner_.predict_proba(self.rows(x)))

    def _plain(self) -> Any:
        return DummyClassifier(strategy="prior")


class VaryingRegressor(RegressorMixin, _Varying):  # type: ignore[misc]
    """A regression."""

    def _plain(self) -> Any:
        return DummyRegressor(strategy="mean")
