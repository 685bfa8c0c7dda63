"""A random forest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RandomForest:
    """Bagged trees; leaves of at least a few rows keep it small and its probabilities sensible."""

    name = "random_forest"
    takes_missing = True
    wants_scale = False
    stops_early = False
    tasks = frozenset({"binary", "multiclass", "regression"})

    def known_good(self, task: str) -> list[dict[str, Any]]:
        """As in `base.Candidate`."""
        leaf = 2 if task == "regression" else 5
        return [
            {"n_estimators": 100, "min_samples_leaf": leaf, "max_features": 0.3},
            {"n_estimators": 100, "min_samples_leaf": 20, "max_features": 0.6},
        ]

    def suggest(self, trial: Any, task: str) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "n_estimators": trial.suggest_int(f"{self.name}.n_estimators", 50, 200, step=50),
            "min_samples_leaf": trial.suggest_int(f"{self.name}.min_samples_leaf", 1, 100, log=True),
            "max_features": trial.suggest_float(f"{self.name}.max_features", 0.1, 1.0),
        }

    def build(self, task: str, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """As in `base.Candidate`."""
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        kind = RandomForestRegressor if task == "regression" else RandomForestClassifier
        return kind(**params, random_state=seed, n_jobs=n_jobs)
