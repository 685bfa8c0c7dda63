"""Fit an estimator to rows in which a class is rare, or dear to mistake, as the configuration says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evergreen.spec import UseCase
from evergreen.tasks.labels import Label
from evergreen.training.imbalance import BALANCERS

Array = np.ndarray[Any, Any]


class CanNotWeigh(Exception):
    """The estimator takes no weights, and the configuration asks for them."""


@dataclass(frozen=True, eq=False)
class Balanced:
    """Features and codes to learn from; `counts`: what a row of each class counts, by code, None: all the same."""

    x: Any
    y: Any
    counts: Array | None

    @property
    def weight(self) -> Array | None:
        """A weight a row."""
        return None if self.counts is None else self.counts[self.y]


def stakes_of(use_case: UseCase, classes: Sequence[Label]) -> Array | None:
    """What mistaking a row of each class costs, in the order of their codes; None where the owner has not said."""
    costs = use_case.training.costs
    if costs is None or not classes:
        return None
    return np.asarray(costs.stakes(use_case.task.texts(classes)))


def balanced(name: str, x: Any, y: Any, seed: int, stakes: Array | None = None) -> Balanced:
    """What to learn from instead of `x` and `y`; `stakes`: see `stakes_of`, of the classes of `y`."""
    balancer = BALANCERS[name]
    if balancer.resample is not None:
        return Balanced(*balancer.resample(x, y, seed), None)
    return Balanced(x, y, None if balancer.weights is None else balancer.weights(y, stakes))


def fit_weighed(estimator: Any, x: Any, y: Any, weight: Any | None) -> Any:
    """The estimator, fitted. Raises CanNotWeigh where it takes no weights and there are some."""
    if weight is None:
        return estimator.fit(x, y)
    from sklearn.utils.validation import has_fit_parameter

    if not has_fit_parameter(estimator, "sample_weight"):
        raise CanNotWeigh
    return estimator.fit(x, y, sample_weight=weight)


def undo_weights(name: str, estimator: Any, learned: Balanced) -> Any:
    """The fitted estimator, its probabilities told as its balancer wants them."""
    if not BALANCERS[name].undone or learned.counts is None:
        return estimator
    from evergreen.features.unweighted import Unweighted

    return Unweighted(estimator, learned.counts.tolist())


def fit_balanced(estimator: Any, x: Any, y: Any, balance: str, seed: int, stakes: Array | None = None) -> Any:
    """The estimator, fitted to rows balanced as `balance` says."""
    learned = balanced(balance, x, y, seed, stakes)
    return undo_weights(balance, fit_weighed(estimator, learned.x, learned.y, learned.weight), learned)
