"""What is said: of probabilities the likeliest class, or the one that is expected to cost least; of rows that nothing
tells apart their mean, or a quantile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evergreen.features.target import Label

if TYPE_CHECKING:
    from evergreen.spec import UseCase

Array = np.ndarray[Any, Any]
Matrix = tuple[tuple[float, ...], ...]
"""What a row costs: `matrix[was][said]`, both as codes."""


def costs_of(use_case: UseCase, classes: Sequence[Label]) -> Matrix | None:
    """The owner's costs of a multiclass task in the order of its `classes`; None where there are none."""
    costs = use_case.training.costs
    return None if costs is None or use_case.task != "multiclass" else costs.matrix(tuple(map(str, classes)))


def middle(numbers: Array, quantile: float | None) -> Any:
    """The best number to say of all rows alike, of each column of `numbers` (n, or n × k); None: the mean."""
    return numbers.mean(axis=0) if quantile is None else np.quantile(numbers, quantile, axis=0)


def said_of(shares: Array, costs: Matrix | None) -> Array:
    """A code a row of n × k probabilities: by `costs` that of the class whose expected cost is least (as `Costs`)."""
    if costs is None:
        return np.asarray(shares.argmax(axis=1))
    return np.asarray((shares @ np.asarray(costs)).argmin(axis=1))
