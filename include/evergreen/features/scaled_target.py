"""A regression whose target is scaled, so that penalties and tolerances mean the same whatever its unit."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone

Array = np.ndarray[Any, Any]


class ScaledTarget(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """`inner` learns the target less its mean, over its deviation; scikit-learn's TransformedTargetRegressor checks its
    input anew at every prediction and is slow for one row.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def fit(self, x: Any, y: Any, sample_weight: Any = None) -> Self:
        """`y`: finite numbers."""
        y = np.asarray(y, dtype=np.float64)
        self.center_, self.spread_ = float(y.mean()), float(y.std()) or 1.0
        self.inner_ = clone(self.inner).fit(x, (y - self.center_) / self.spread_, sample_weight=sample_weight)
        return self

    def predict(self, x: Any) -> Array:
        """In the target's own unit."""
        return np.asarray(self.inner_.predict(x)) * self.spread_ + self.center_
