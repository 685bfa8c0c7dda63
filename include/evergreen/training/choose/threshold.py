"""From which probability on the positive class is said: the owner's costs decide."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergreen.spec import UseCase

Array = np.ndarray[Any, Any]
_CUTS = 200


def expected_threshold(use_case: UseCase) -> float:
    """By the owner's costs, if the probabilities are true; 0.5 without costs."""
    return use_case.task.threshold(use_case.training.costs)


def choose_threshold(use_case: UseCase, codes: Array, shares: Array) -> float:
    """The expected threshold, or the one with the least cost on out-of-fold rows where that is clearly less."""
    expected = expected_threshold(use_case)
    costs = use_case.training.costs
    if costs is None or not use_case.task.has_positive or len(codes) == 0:
        return expected
    matrix = np.asarray(costs.matrix())

    def rows_cost(threshold: float) -> Array:
        return np.asarray(matrix[codes, (shares >= threshold).astype(np.int64)])

    cuts = np.unique(np.quantile(shares, np.linspace(0, 1, _CUTS)))
    least = min(cuts, key=lambda cut: float(rows_cost(cut).mean()))
    saved = rows_cost(expected) - rows_cost(float(least))
    clearly = saved.mean() > saved.std() / np.sqrt(len(saved))
    return float(least) if clearly else expected
