"""A linear model: logistic regression, and least squares where the target is a number; L1, L2 or both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.tasks import ALL


class LogisticRegression:
    """`C` is the inverse strength of the penalty as in scikit-learn (large is weak), `l1_ratio` the share of L1 in it:
    0, the default, is ridge, 1 the lasso, between them the elastic net.

    A number as target is learned by ridge regression with `alpha = 1 / C`, or with L1 by the elastic net on a target
    scaled to a deviation of 1, with `alpha = 0.01 / C`.
    """

    name = "logistic_regression"
    takes_missing = False
    takes_weights = True
    wants_scale = True
    stops_early = False
    tasks = ALL

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        return [{"C": 0.03, "l1_ratio": 0.0}, {"C": 0.3, "l1_ratio": 1.0}, {"C": 1.0, "l1_ratio": 0.0}]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "C": trial.suggest_float(f"{self.name}.C", 1e-4, 1e3, log=True),
            "l1_ratio": trial.suggest_categorical(f"{self.name}.l1_ratio", [0.0, 0.5, 1.0]),
        }

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`."""
        from sklearn.linear_model import Ridge

        from evergreen.features.quiet import QuietElasticNet, QuietLogisticRegression
        from evergreen.features.scaled_target import ScaledTarget

        strength, share = params["C"], params.get("l1_ratio", 0.0)
        if not task.has_classes:
            if share == 0:
                return Ridge(alpha=1 / strength, random_state=seed)
            return ScaledTarget(QuietElasticNet(alpha=0.01 / strength, l1_ratio=share, random_state=seed))
        if share == 0:
            return QuietLogisticRegression(C=strength, max_iter=1000, random_state=seed)
        # of scikit-learn's solvers only this one knows every mixture and every number of classes
        return QuietLogisticRegression(
            C=strength, l1_ratio=share, solver="saga", tol=1e-3, max_iter=200, random_state=seed
        )
