"""One decision tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.tasks import ALL


class DecisionTree:
    """Small, quick and readable; leaves of many rows and cost-complexity pruning keep it from learning by heart."""

    name = "decision_tree"
    takes_missing = True
    takes_weights = True
    wants_scale = False
    stops_early = False
    tasks = ALL

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        return [
            {"max_depth": 8, "min_samples_leaf": 20, "ccp_alpha": 1e-5},
            {"max_depth": 4, "min_samples_leaf": 20, "ccp_alpha": 1e-5},
        ]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "max_depth": trial.suggest_int(f"{self.name}.max_depth", 2, 16),
            "min_samples_leaf": trial.suggest_int(f"{self.name}.min_samples_leaf", 2, 200, log=True),
            "ccp_alpha": trial.suggest_float(f"{self.name}.ccp_alpha", 1e-6, 1e-2, log=True),
        }

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`."""
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        if task.has_classes:
            return DecisionTreeClassifier(**params, random_state=seed)
        from evergreen.features.scaled_target import ScaledTarget

        return ScaledTarget(DecisionTreeRegressor(**params, random_state=seed))  # `ccp_alpha` is in the target's unit
