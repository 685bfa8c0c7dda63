"""What a balancer is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Resample = Callable[[Array, Array, int], tuple[Array, Array]]
Weights = Callable[[Array, Array | None], Array]


@dataclass(frozen=True)
class Balancer:
    """One way to learn from rare classes; it has `resample` or `weights`, and "none" has neither.

    `resample(x, y, seed)`: the rows to learn from instead of `x` (rows × features, NaN where missing) and `y` (classes
    as codes); the same for the same seed, and every class stays. `weights(y, stakes)`: what a row of each class counts,
    by code, 1 on average over the rows; `stakes`, a number a class, are what mistaking a row costs, None where that is
    not known. `undone`: probabilities are told as if all rows had counted the same.

    Only the rows a fold learns from may be given, after their features were made: whoever judges a model on rows that
    were made up, or on copies of rows it learned, sees it better than it is. Either moves the probabilities towards
    the rare classes; where they are read as such, calibrate the model on rows as they come.
    """

    name: str
    resample: Resample | None = None
    weights: Weights | None = None
    undone: bool = False
