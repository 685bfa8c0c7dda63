"""Ensembles whose every member learns from as many rows of one class as of another (imbalanced-learn)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.tasks import CLASSES


class BalancedForest:
    """A random forest whose trees each learn a bootstrap with equally many rows of every class (Chen et al. 2004)."""

    name = "balanced_forest"
    takes_missing = True
    takes_weights = False
    wants_scale = False
    stops_early = False
    tasks = CLASSES

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        return [{"n_estimators": 200, "min_samples_leaf": 2, "max_features": 0.3}]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "n_estimators": trial.suggest_int(f"{self.name}.n_estimators", 100, 300, step=100),
            "min_samples_leaf": trial.suggest_int(f"{self.name}.min_samples_leaf", 1, 60, log=True),
            "max_features": trial.suggest_float(f"{self.name}.max_features", 0.1, 1.0),
        }

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`."""
        from imblearn.ensemble import BalancedRandomForestClassifier

        return BalancedRandomForestClassifier(**params, random_state=seed, n_jobs=n_jobs)


class EasyEnsemble:
    """Boosted trees, several times, on all rows of the rarest class and equally many others (Liu et al. 2009)."""

    name = "easy_ensemble"
    takes_missing = False
    takes_weights = False
    wants_scale = False
    stops_early = False
    tasks = CLASSES

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return [{"n_estimators": 10, "max_iter": 50}]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "n_estimators": trial.suggest_int(f"{self.name}.n_estimators", 5, 30, step=5),
            "max_iter": trial.suggest_int(f"{self.name}.max_iter", 20, 200, log=True),
        }

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`."""
        from imblearn.ensemble import EasyEnsembleClassifier
        from sklearn.ensemble import HistGradientBoostingClassifier

        # stumps boosted by AdaBoost, its default, fail on features that say nothing
        inner = HistGradientBoostingClassifier(max_iter=params["max_iter"], max_leaf_nodes=8, early_stopping=False)
        return EasyEnsembleClassifier(params["n_estimators"], inner, random_state=seed, n_jobs=n_jobs)
