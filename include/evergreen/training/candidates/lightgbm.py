"""Gradient boosting with LightGBM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from evergreen.tasks import Task
from evergreen.training.candidates.early_stopping import GiveUp, Labelled, patience
from evergreen.training.candidates.tasks import ALL

_TREES, _MOST = 300, 2000
"""Without judge rows, and at most with them."""


class LightGbm:
    """Leaf-wise trees. Row-wise and deterministic, so that a refit gives the same trees."""

    name = "lightgbm"
    takes_missing = True
    takes_weights = True
    wants_scale = False
    stops_early = True
    tasks = ALL

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        names = ("learning_rate", "num_leaves", "min_child_samples", "reg_lambda", "subsample", "colsample_bytree")
        found = [
            (0.05, 24, 10, 10.0, 0.6, 0.5, False),
            (0.05, 64, 5, 5.0, 0.8, 0.4, False),
            (0.06, 96, 3, 1.0, 0.9, 1.0, True),
            (0.1, 8, 20, 1.0, 0.8, 0.6, False),
        ]
        return [dict(zip((*names, "extra_trees"), values, strict=True)) for values in found]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "learning_rate": trial.suggest_float(f"{self.name}.learning_rate", 0.02, 0.3, log=True),
            "num_leaves": trial.suggest_int(f"{self.name}.num_leaves", 4, 128, log=True),
            "min_child_samples": trial.suggest_int(f"{self.name}.min_child_samples", 3, 200, log=True),
            "reg_lambda": trial.suggest_float(f"{self.name}.reg_lambda", 1e-3, 30.0, log=True),
            "subsample": trial.suggest_float(f"{self.name}.subsample", 0.5, 1.0),
            "colsample_bytree": trial.suggest_float(f"{self.name}.colsample_bytree", 0.3, 1.0),
            "extra_trees": trial.suggest_categorical(f"{self.name}.extra_trees", [False, True]),
        }

    def quantile(self, share: float) -> dict[str, Any]:
        """As in `features.learner.LearnsQuantiles`."""
        return {"objective": "quantile", "alpha": share}

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """As in `base.Candidate`."""
        from lightgbm import LGBMClassifier, LGBMRegressor

        kind = LGBMClassifier if task.has_classes else LGBMRegressor
        fixed: dict[str, Any] = {"deterministic": True, "force_row_wise": True, "subsample_freq": 1, "verbosity": -1}
        return kind(**{"n_estimators": _TREES, **params}, **fixed, random_state=seed, n_jobs=n_jobs)

    def fit_early(self, estimator: Any, learn: Labelled, judge: Labelled, give_up: GiveUp) -> dict[str, Any]:
        """As in `base.StopsEarly`."""
        if not len(judge.y):
            estimator.fit(learn.x, learn.y, sample_weight=learn.weight)
            return {"n_estimators": estimator.n_estimators}
        estimator.set_params(n_estimators=_MOST)
        stop = _Stop(patience(estimator.learning_rate), give_up)
        judged: dict[str, Any] = {"eval_X": judge.x, "eval_y": judge.y}
        if judge.weight is not None:
            judged["eval_sample_weight"] = [judge.weight]
        estimator.fit(learn.x, learn.y, sample_weight=learn.weight, callbacks=[stop], **judged)
        found = {"n_estimators": stop.best + 1}
        estimator.set_params(**found)
        return found


class _Stop:
    """A LightGBM callback: ends after `rounds` iterations without a better score, or when told to give up."""

    order, before_iteration = 30, False

    def __init__(self, rounds: int, give_up: GiveUp) -> None:
        self.rounds, self.give_up = rounds, give_up
        self.best, self.loss = 0, np.inf

    def __call__(self, env: Any) -> None:
        from lightgbm.callback import EarlyStopException

        loss = env.evaluation_result_list[0].metric_value  # the loss that is learned: less is better
        if loss < self.loss:
            self.best, self.loss = env.iteration, loss
        last = env.iteration + 1 == env.end_iteration
        if last or env.iteration - self.best >= self.rounds or self.give_up():
            raise EarlyStopException(self.best, env.evaluation_result_list)
