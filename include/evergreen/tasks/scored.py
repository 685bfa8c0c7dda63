"""What happened beside what was predicted, as plain arrays that every metric takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evergreen.tasks.base import Task

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Scored:
    """n rows. `truth`: codes 0…k−1 (binary: 1 is the positive class) or numbers; `shares`: n (binary: the positive
    class's probability; regression: the prediction) or n × k probabilities; `decided`: predicted codes or numbers.
    """

    task: Task
    truth: Array
    shares: Array
    decided: Array
    labels: tuple[str, ...] = ()
    """Multiclass: the classes' texts in the order of their codes."""

    def __len__(self) -> int:
        return len(self.truth)

    def rows(self, chosen: Array) -> Scored:
        """Only the rows that `chosen` (mask or positions) picks."""
        return replace(self, truth=self.truth[chosen], shares=self.shares[chosen], decided=self.decided[chosen])


def middle(numbers: Array, quantile: float | None) -> Any:
    """The best number to say of all rows alike, of each column of `numbers` (n, or n × k); None: the mean."""
    return numbers.mean(axis=0) if quantile is None else np.quantile(numbers, quantile, axis=0)
