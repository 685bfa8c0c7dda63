"""What the pipeline has to know of a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Learner(Protocol):
    """An estimator family. `takes_missing` and `wants_scale` only steer what the use case leaves open."""

    @property
    def name(self) -> str:
        """As the use case calls it."""
        ...

    @property
    def takes_missing(self) -> bool:
        """It learns from NaN itself."""
        ...

    @property
    def wants_scale(self) -> bool:
        """It works better on columns of one scale."""
        ...

    def build(self, task: str, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """An unfitted scikit-learn estimator, deterministic given `seed`."""
        ...
