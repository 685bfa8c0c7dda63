"""What a candidate is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Candidate(Protocol):
    """An estimator family: a `features.learner.Learner` that also says where to look for good configurations.

    `known_good(task)`: configurations that are tried first, the best first. `suggest(trial, task)`: one configuration
    from Optuna's trial; every parameter's name begins with the candidate's and a dot, so that families share a study.
    `build` returns an unfitted estimator that is deterministic given `seed`, and imports its library only then.
    """

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

    def known_good(self, task: str) -> list[dict[str, Any]]:
        """Configurations worth a trial on any data, the best first."""
        ...

    def suggest(self, trial: Any, task: str) -> dict[str, Any]:
        """A configuration from Optuna's trial."""
        ...

    def build(self, task: str, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """An unfitted estimator."""
        ...
