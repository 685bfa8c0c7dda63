"""What the forests share: they grow in steps, so that a fit that runs out of time keeps the trees it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.early_stopping import GiveUp, Labelled
from evergreen.training.candidates.tasks import ALL

_STEP = 20


class Forest:
    """Averaged trees. More trees are never worse, so there is no best number of them: only time ends a fit early."""

    takes_missing = True
    takes_weights = True
    wants_scale = False
    stops_early = True
    tasks = ALL
    name: str

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "n_estimators": trial.suggest_int(f"{self.name}.n_estimators", 100, 300, step=100),
            "min_samples_leaf": trial.suggest_int(f"{self.name}.min_samples_leaf", 1, 60, log=True),
            "max_features": trial.suggest_float(f"{self.name}.max_features", 0.1, 1.0),
        }

    def fit_early(self, estimator: Any, learn: Labelled, judge: Labelled, give_up: GiveUp) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.StopsEarly`, but that no tree is one too many."""

        def fit(sized: Any) -> object:
            return sized.fit(learn.x, learn.y, learn.weight)

        return {"n_estimators": grow(estimator, "n_estimators", _STEP, give_up, fit)}


def grow(estimator: Any, size: str, step: int, give_up: GiveUp, fit: Callable[[Any], object]) -> int:
    """Fit a scikit-learn ensemble by warm starts, `step` members at a time, up to the size it asks for or until told to
    give up; returns how many there are. The same members as one fit would have made.
    """
    most = reached = int(getattr(estimator, size))
    estimator.set_params(warm_start=True)
    try:
        for reached in [*range(step, most, step), most]:
            fit(estimator.set_params(**{size: reached}))
            if reached == most or give_up():
                break
    finally:
        estimator.set_params(warm_start=False)
    return reached
