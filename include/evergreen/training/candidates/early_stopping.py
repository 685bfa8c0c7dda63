"""What candidates that stop early share: rows to learn from and judge by, and how long to wait for better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

GiveUp = Callable[[], bool]
"""Asked between iterations; yes ends the fit with what there is."""

Array = np.ndarray[Any, Any]


def patience(learning_rate: float) -> int:
    """Iterations without a better score before a booster stops: more when each of them does less."""
    return int(min(150, max(20, 3 / learning_rate)))


@dataclass(frozen=True, eq=False)
class Labelled:
    """Rows with what is known of them: `x` n × features, `y` n codes of classes or numbers, `weight` n or None."""

    x: Array
    y: Array
    weight: Array | None = None

    def of_classes(self, learned: Array) -> Labelled:
        """The rows whose class is in `learned`: what a model can't say is no reason to stop it."""
        known = np.isin(self.y, np.unique(learned))
        if known.all():
            return self
        return Labelled(self.x[known], self.y[known], None if self.weight is None else self.weight[known])
