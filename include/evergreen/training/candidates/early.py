"""What candidates that stop early share: how long to wait for a better score, and which rows can judge at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

GiveUp = Callable[[], bool]
"""Asked between iterations; yes ends the fit with what there is."""

Array = np.ndarray[Any, Any]


def patience(learning_rate: float) -> int:
    """Iterations without a better score before a booster stops: more when each of them does less."""
    return int(min(150, max(20, 3 / learning_rate)))


def judges(y: Array, x_judge: Array, y_judge: Array, weight_judge: Array | None) -> tuple[Array, Array, Array | None]:
    """The judge rows whose class is among those learned: what a model can't say is no reason to stop it."""
    known = np.isin(y_judge, np.unique(y))
    if known.all():
        return x_judge, y_judge, weight_judge
    return x_judge[known], y_judge[known], None if weight_judge is None else weight_judge[known]
