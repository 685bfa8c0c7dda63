"""A linear model: logistic regression, and ridge regression where the target is a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class LogisticRegression:
    """One parameter: the strength of the L2 penalty, as scikit-learn's C (large is weak)."""

    name = "logistic_regression"
    takes_missing = False
    wants_scale = True
    stops_early = False
    tasks = frozenset({"binary", "multiclass", "regression"})

    def known_good(self, task: str) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        return [{"C": 1.0}, {"C": 0.03}]

    def suggest(self, trial: Any, task: str) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {"C": trial.suggest_float(f"{self.name}.C", 1e-4, 1e3, log=True)}

    def build(self, task: str, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`."""
        from sklearn.linear_model import LogisticRegression, Ridge

        if task == "regression":
            return Ridge(alpha=1 / params["C"], random_state=seed)
        return LogisticRegression(C=params["C"], max_iter=2000, random_state=seed)
