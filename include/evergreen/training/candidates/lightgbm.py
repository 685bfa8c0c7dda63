"""Gradient boosting with LightGBM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class LightGbm:
    """Leaf-wise trees. Row-wise and deterministic, so that a refit gives the same trees."""

    name = "lightgbm"
    takes_missing = True
    wants_scale = False

    def known_good(self, task: str) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        shared = {"reg_lambda": 1.0, "subsample": 0.8, "colsample_bytree": 0.8}
        return [
            {"n_estimators": 200, "learning_rate": 0.05, "num_leaves": 31, "min_child_samples": 20, **shared},
            {"n_estimators": 300, "learning_rate": 0.03, "num_leaves": 12, "min_child_samples": 50, **shared},
        ]

    def suggest(self, trial: Any, task: str) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "n_estimators": trial.suggest_int(f"{self.name}.n_estimators", 50, 600, log=True),
            "learning_rate": trial.suggest_float(f"{self.name}.learning_rate", 0.01, 0.3, log=True),
            "num_leaves": trial.suggest_int(f"{self.name}.num_leaves", 4, 128, log=True),
            "min_child_samples": trial.suggest_int(f"{self.name}.min_child_samples", 5, 200, log=True),
            "reg_lambda": trial.suggest_float(f"{self.name}.reg_lambda", 1e-3, 30.0, log=True),
            "subsample": trial.suggest_float(f"{self.name}.subsample", 0.5, 1.0),
            "colsample_bytree": trial.suggest_float(f"{self.name}.colsample_bytree", 0.3, 1.0),
        }

    def build(self, task: str, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """As in `base.Candidate`."""
        from lightgbm import LGBMClassifier, LGBMRegressor

        kind = LGBMRegressor if task == "regression" else LGBMClassifier
        fixed: dict[str, Any] = {"deterministic": True, "force_row_wise": True, "subsample_freq": 1, "verbosity": -1}
        return kind(**params, **fixed, random_state=seed, n_jobs=n_jobs)
