"""What one says without looking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.tasks import ALL


class Baseline:
    """The classes' shares, or the mean or quantile: what every other candidate has to beat. It has nothing to search
    for.
    """

    name = "baseline"
    takes_missing = True
    takes_weights = True
    wants_scale = False
    stops_early = False
    tasks = ALL

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        return [{}]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {}

    def quantile(self, share: float) -> dict[str, Any]:
        """As in `features.learner.LearnsQuantiles`."""
        return {"strategy": "quantile", "quantile": share}

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`."""
        from sklearn.dummy import DummyClassifier, DummyRegressor

        return DummyClassifier(strategy="prior") if task.has_classes else DummyRegressor(**params)
