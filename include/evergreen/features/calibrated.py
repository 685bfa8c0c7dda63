"""Probabilities made honest: what a fitted classifier says, passed through a curve a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

Array = np.ndarray[Any, Any]
_TINY = 1e-7


class Calibrated(BaseEstimator):  # type: ignore[misc]
    """`method` "platt": each curve is (slope, intercept) on the log odds (Platt 1999). "isotonic": each is knots
    (probabilities said, probabilities meant), straight lines between them (Zadrozny and Elkan 2002).

    One curve, of the positive class, where there are two classes; else one a class, and the results add up to 1 again.
    """

    def __init__(self, model: Any, method: str, curves: Sequence[Sequence[Any]]) -> None:
        self.model = model
        self.method = method
        self.curves = curves

    def fit(self, x: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Nothing: model and curves are fitted."""
        return self

    def predict_proba(self, x: Any) -> Array:
        """Rows × classes; x as the model takes it."""
        return self.shares(np.asarray(self.model.predict_proba(x), dtype=np.float64))

    def shares(self, shares: Array) -> Array:
        """What the model says, rows × classes, through the curves."""
        if len(self.curves) > 1:
            return calibrated(shares, self.method, self.curves)
        positive = calibrated(shares[:, 1], self.method, self.curves)
        return np.column_stack([1 - positive, positive])

    def __sklearn_is_fitted__(self) -> bool:
        return True


def calibrated(shares: Array, method: str, curves: Sequence[Sequence[Any]]) -> Array:
    """N probabilities of the positive class through the one curve, or n × k through k curves."""
    if shares.ndim == 1:
        return _through(shares, method, curves[0])
    made = np.column_stack([_through(shares[:, code], method, curve) for code, curve in enumerate(curves)])
    return np.asarray(made / made.sum(axis=1, keepdims=True))


def log_odds(shares: Array) -> Array:
    """ln(p / (1 − p)), finite also for 0 and 1."""
    inside = np.clip(shares, _TINY, 1 - _TINY)
    return np.asarray(np.log(inside / (1 - inside)))


def _through(shares: Array, method: str, curve: Sequence[Any]) -> Array:
    if method == "platt":
        slope, intercept = curve
        return np.asarray(1 / (1 + np.exp(-np.clip(slope * log_odds(shares) + intercept, -30, 30))))
    said, meant = curve
    return np.asarray(np.clip(np.interp(shares, said, meant), _TINY, 1 - _TINY))
