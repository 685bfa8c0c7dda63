"""Gradient boosting with CatBoost, an extra."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.spec.extras import missing_extra
from evergreen.tasks import Task
from evergreen.training.candidates.early_stopping import Array, GiveUp, Labelled, patience
from evergreen.training.candidates.tasks import ALL

_TREES, _MOST = 300, 1000


class CatBoost:
    """Symmetric trees with ordered statistics: strong with its defaults, slower to fit than the other boosters."""

    name = "catboost"
    takes_missing = True
    takes_weights = True
    wants_scale = False
    stops_early = True
    tasks = ALL

    def why_missing(self) -> str | None:
        """None where CatBoost is installed, otherwise what to do."""
        return missing_extra(self.name)

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        return [
            {"learning_rate": 0.05, "depth": 5, "l2_leaf_reg": 10.0, "random_strength": 3.0},
            {"learning_rate": 0.08, "depth": 6, "l2_leaf_reg": 3.0, "random_strength": 1.0},
            {"learning_rate": 0.08, "depth": 4, "l2_leaf_reg": 3.0, "random_strength": 1.0},
        ]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "learning_rate": trial.suggest_float(f"{self.name}.learning_rate", 0.03, 0.2, log=True),
            "depth": trial.suggest_int(f"{self.name}.depth", 3, 8),
            "l2_leaf_reg": trial.suggest_float(f"{self.name}.l2_leaf_reg", 0.5, 30.0, log=True),
            "random_strength": trial.suggest_float(f"{self.name}.random_strength", 0.1, 10.0, log=True),
        }

    def quantile(self, share: float) -> dict[str, Any]:
        """As in `features.learner.LearnsQuantiles`."""
        return {"loss_function": f"Quantile:alpha={share}"}

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """As in `base.Candidate`."""
        from catboost import CatBoostClassifier, CatBoostRegressor

        from evergreen.features.varying import VaryingClassifier, VaryingRegressor

        # left open, it would choose the last two by the number of trees: a refit would not be the model that was found
        given = {
            "iterations": _TREES,
            "learning_rate": 0.08,
            **params,
            "boosting_type": "Plain",
            "leaf_estimation_iterations": 1,
        }
        given |= {"random_seed": seed, "thread_count": n_jobs if n_jobs > 0 else -1}
        given |= {"verbose": False, "allow_writing_files": False}
        if not task.has_classes:
            return VaryingRegressor(CatBoostRegressor(**given))
        if task.has_positive:
            return VaryingClassifier(CatBoostClassifier(**{**given, "leaf_estimation_iterations": 5}))
        return VaryingClassifier(CatBoostClassifier(**given, loss_function="MultiClass"))

    def fit_early(self, estimator: Any, learn: Labelled, judge: Labelled, give_up: GiveUp) -> dict[str, Any]:
        """As in `base.StopsEarly`."""
        if not len(judge.y):
            estimator.fit(learn.x, learn.y, learn.weight)
            return {"iterations": estimator.inner.get_param("iterations")}

        def learned(inner: Any, rows: Array) -> int:
            from catboost import Pool

            inner.set_params(iterations=_MOST)
            inner.fit(
                rows,
                learn.y,
                sample_weight=learn.weight,
                eval_set=Pool(estimator.rows(judge.x), judge.y, weight=judge.weight),
                early_stopping_rounds=patience(inner.get_param("learning_rate")),
                use_best_model=True,
                callbacks=[_Deadline(give_up)],
            )
            return int(inner.tree_count_)

        return {"iterations": estimator.fit_by(learn.x, learn.y, learn.weight, learned) or 1}


class _Deadline:
    """A CatBoost callback: whether to go on."""

    def __init__(self, give_up: GiveUp) -> None:
        self.give_up = give_up

    def after_iteration(self, _: Any) -> bool:
        return not self.give_up()
