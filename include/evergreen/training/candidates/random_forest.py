"""A random forest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.forests import Forest


class RandomForest(Forest):
    """Bagged trees; leaves of at least a few rows keep it small and its probabilities sensible."""

    name = "random_forest"

    def known_good(self, task: Task) -> list[dict[str, Any]]:
        """As in `base.Candidate`."""
        leaf, share = (5, 0.3) if task.has_classes else (2, 0.5)
        return [
            {"n_estimators": 200, "min_samples_leaf": leaf, "max_features": share},
            {"n_estimators": 200, "min_samples_leaf": 1, "max_features": 0.3},
        ]

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """As in `base.Candidate`."""
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        kind = RandomForestClassifier if task.has_classes else RandomForestRegressor
        return kind(**params, random_state=seed, n_jobs=n_jobs)
