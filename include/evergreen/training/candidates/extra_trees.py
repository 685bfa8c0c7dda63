"""Extremely randomised trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.forests import Forest


class ExtraTrees(Forest):
    """Trees on all rows whose thresholds are drawn at random (Geurts et al. 2006): smoother than a random forest."""

    name = "extra_trees"

    def known_good(self, task: Task) -> list[dict[str, Any]]:
        """As in `base.Candidate`."""
        leaf = 3 if task.has_classes else 1
        return [
            {"n_estimators": 200, "min_samples_leaf": leaf, "max_features": 0.5},
            {"n_estimators": 200, "min_samples_leaf": 3, "max_features": 1.0},
        ]

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """As in `base.Candidate`."""
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

        kind = ExtraTreesClassifier if task.has_classes else ExtraTreesRegressor
        return kind(**params, random_state=seed, n_jobs=n_jobs)
