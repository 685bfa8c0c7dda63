"""Gradient boosting with XGBoost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.early_stopping import GiveUp, Labelled, patience
from evergreen.training.candidates.tasks import ALL

_TREES, _MOST = 300, 2000
"""Without judge rows, and at most with them."""


class XGBoost:
    """Depth-wise trees on histograms."""

    name = "xgboost"
    takes_missing = True
    takes_weights = True
    wants_scale = False
    stops_early = True
    tasks = ALL

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        names = ("learning_rate", "max_depth", "min_child_weight", "reg_lambda", "subsample", "colsample_bytree")
        found = [
            (0.05, 6, 3.0, 1.0, 0.8, 0.8),
            (0.06, 3, 10.0, 1.0, 0.7, 0.5),
            (0.05, 9, 1.0, 10.0, 0.9, 0.4),
        ]
        return [dict(zip(names, values, strict=True)) for values in found]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "learning_rate": trial.suggest_float(f"{self.name}.learning_rate", 0.02, 0.3, log=True),
            "max_depth": trial.suggest_int(f"{self.name}.max_depth", 2, 10),
            "min_child_weight": trial.suggest_float(f"{self.name}.min_child_weight", 0.5, 50.0, log=True),
            "reg_lambda": trial.suggest_float(f"{self.name}.reg_lambda", 1e-3, 30.0, log=True),
            "subsample": trial.suggest_float(f"{self.name}.subsample", 0.5, 1.0),
            "colsample_bytree": trial.suggest_float(f"{self.name}.colsample_bytree", 0.3, 1.0),
        }

    def quantile(self, share: float) -> dict[str, Any]:
        """As in `features.learner.LearnsQuantiles`."""
        return {"objective": "reg:quantileerror", "quantile_alpha": share}

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """As in `base.Candidate`."""
        from xgboost import XGBClassifier, XGBRegressor

        kind = XGBClassifier if task.has_classes else XGBRegressor
        return kind(
            **{"n_estimators": _TREES, **params}, tree_method="hist", verbosity=0, random_state=seed, n_jobs=n_jobs
        )

    def fit_early(self, estimator: Any, learn: Labelled, judge: Labelled, give_up: GiveUp) -> dict[str, Any]:
        """As in `base.StopsEarly`."""
        from xgboost.callback import EarlyStopping, TrainingCallback

        class Deadline(TrainingCallback):
            def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
                return give_up()

        if not len(judge.y):
            estimator.fit(learn.x, learn.y, sample_weight=learn.weight)
            return {"n_estimators": estimator.get_num_boosting_rounds()}
        rounds = patience(estimator.learning_rate or 0.3)
        # in this order: a fit that is given up has noted its last score
        stop = [EarlyStopping(rounds=rounds, save_best=True), Deadline()]
        estimator.set_params(n_estimators=_MOST, callbacks=stop)
        try:
            judged: dict[str, Any] = {"eval_set": [(judge.x, judge.y)]}
            if judge.weight is not None:
                judged["sample_weight_eval_set"] = [judge.weight]
            estimator.fit(learn.x, learn.y, sample_weight=learn.weight, verbose=False, **judged)
        finally:
            estimator.set_params(callbacks=None)  # a saved model keeps what it was fitted with
        found = {"n_estimators": int(estimator.best_iteration) + 1}
        estimator.set_params(**found)
        return found
