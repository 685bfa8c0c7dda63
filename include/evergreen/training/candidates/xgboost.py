"""Gradient boosting with XGBoost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class XGBoost:
    """Depth-wise trees on histograms."""

    name = "xgboost"
    takes_missing = True
    wants_scale = False

    def known_good(self, task: str) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        shared = {"min_child_weight": 3.0, "reg_lambda": 1.0, "subsample": 0.8, "colsample_bytree": 0.8}
        return [
            {"n_estimators": 200, "learning_rate": 0.05, "max_depth": 6, **shared},
            {"n_estimators": 300, "learning_rate": 0.05, "max_depth": 4, **shared},
        ]

    def suggest(self, trial: Any, task: str) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "n_estimators": trial.suggest_int(f"{self.name}.n_estimators", 50, 600, log=True),
            "learning_rate": trial.suggest_float(f"{self.name}.learning_rate", 0.01, 0.3, log=True),
            "max_depth": trial.suggest_int(f"{self.name}.max_depth", 2, 10),
            "min_child_weight": trial.suggest_float(f"{self.name}.min_child_weight", 0.5, 50.0, log=True),
            "reg_lambda": trial.suggest_float(f"{self.name}.reg_lambda", 1e-3, 30.0, log=True),
            "subsample": trial.suggest_float(f"{self.name}.subsample", 0.5, 1.0),
            "colsample_bytree": trial.suggest_float(f"{self.name}.colsample_bytree", 0.3, 1.0),
        }

    def build(self, task: str, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """As in `base.Candidate`."""
        from xgboost import XGBClassifier, XGBRegressor

        kind = XGBRegressor if task == "regression" else XGBClassifier
        return kind(**params, tree_method="hist", verbosity=0, random_state=seed, n_jobs=n_jobs)
