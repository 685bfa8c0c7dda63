"""Gradient boosting on histograms with scikit-learn alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.early_stopping import Array, GiveUp, Labelled, patience
from evergreen.training.candidates.tasks import ALL

_TREES, _MOST, _STEP = 200, 1000, 50


class HistGradientBoosting:
    """Leaf-wise trees as LightGBM's, in scikit-learn: nothing else to install where the model is served."""

    name = "hist_gradient_boosting"
    takes_missing = True
    takes_weights = True
    wants_scale = False
    stops_early = True
    tasks = ALL

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        shared = {"l2_regularization": 1.0, "max_features": 0.5}
        return [
            {"learning_rate": 0.06, "max_leaf_nodes": 8, "min_samples_leaf": 40, **shared},
            {"learning_rate": 0.06, "max_leaf_nodes": 24, "min_samples_leaf": 20, **shared},
        ]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "learning_rate": trial.suggest_float(f"{self.name}.learning_rate", 0.03, 0.2, log=True),
            "max_leaf_nodes": trial.suggest_int(f"{self.name}.max_leaf_nodes", 4, 96, log=True),
            "min_samples_leaf": trial.suggest_int(f"{self.name}.min_samples_leaf", 3, 100, log=True),
            "l2_regularization": trial.suggest_float(f"{self.name}.l2_regularization", 1e-3, 30.0, log=True),
            "max_features": trial.suggest_float(f"{self.name}.max_features", 0.2, 1.0),
        }

    def quantile(self, share: float) -> dict[str, Any]:
        """As in `features.learner.LearnsQuantiles`."""
        return {"loss": "quantile", "quantile": share}

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`. It takes as many threads as OpenMP gives it, whatever `n_jobs`."""
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        from evergreen.features.varying import VaryingClassifier, VaryingRegressor

        given = {"max_iter": _TREES, **params}
        if not task.has_classes:
            return VaryingRegressor(HistGradientBoostingRegressor(**given, early_stopping=False, random_state=seed))
        return VaryingClassifier(HistGradientBoostingClassifier(**given, early_stopping=False, random_state=seed))

    def fit_early(self, estimator: Any, learn: Labelled, judge: Labelled, give_up: GiveUp) -> dict[str, Any]:
        """As in `base.StopsEarly`. Gives up between steps of 50 trees: each step bins the rows again."""
        if not len(judge.y):
            return {"max_iter": estimator.fit(learn.x, learn.y, learn.weight).inner.max_iter}

        def learned(inner: Any, rows: Array) -> int:
            rounds, judged = patience(inner.learning_rate), {"X_val": estimator.rows(judge.x), "y_val": judge.y}
            inner.set_params(early_stopping=True, n_iter_no_change=rounds, tol=0.0, warm_start=True)
            if judge.weight is not None:
                judged["sample_weight_val"] = judge.weight
            for reached in range(_STEP, _MOST + 1, _STEP):
                inner.set_params(max_iter=reached).fit(rows, learn.y, learn.weight, **judged)
                if inner.n_iter_ < reached or give_up():
                    break
            best = max(1, int(inner.validation_score_.argmax()))  # the first score is that of no tree at all
            del inner._predictors[best:]  # noqa: SLF001 - it has no way to drop the trees after the best
            inner.set_params(early_stopping=False, n_iter_no_change=10, tol=1e-7, warm_start=False, max_iter=best)
            return best

        return {"max_iter": estimator.fit_by(learn.x, learn.y, learn.weight, learned) or 1}
