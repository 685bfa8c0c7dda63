"""Fit an estimator to rows in which a class is rare, as the configuration says."""

from __future__ import annotations

from typing import Any

from .imbalance import BALANCERS


class CanNotWeigh(Exception):
    """The estimator takes no weights, and the configuration asks for them."""


def balanced(name: str, x: Any, y: Any, seed: int) -> tuple[Any, Any, Any | None]:
    """Features and codes to learn from instead of `x` and `y`, and a weight a row, or None."""
    balancer = BALANCERS[name]
    if balancer.resample is not None:
        return *balancer.resample(x, y, seed), None
    return x, y, balancer.weights(y) if balancer.weights is not None else None


def fit_weighed(estimator: Any, x: Any, y: Any, weight: Any | None) -> Any:
    """The estimator, fitted. Raises CanNotWeigh where it takes no weights and there are some."""
    if weight is None:
        return estimator.fit(x, y)
    from sklearn.utils.validation import has_fit_parameter

    if not has_fit_parameter(estimator, "sample_weight"):
        raise CanNotWeigh
    return estimator.fit(x, y, sample_weight=weight)


def fit_balanced(estimator: Any, x: Any, y: Any, balance: str, seed: int) -> Any:
    """The estimator, fitted to rows balanced as `balance` says."""
    return fit_weighed(estimator, *balanced(balance, x, y, seed))
