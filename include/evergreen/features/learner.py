"""What the pipeline has to know of a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Learner(Protocol):
    """An estimator family.

    `takes_missing`: it learns from NaN itself; `wants_scale`: it works better on columns of one scale. Both only steer
    what the use case leaves open. `build` returns an unfitted scikit-learn estimator that is deterministic given `seed`.
    """

    @property
    def name(self) -> str: ...
    @property
    def takes_missing(self) -> bool: ...
    @property
    def wants_scale(self) -> bool: ...

    def build(self, task: str, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any: ...
