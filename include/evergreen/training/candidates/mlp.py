"""A small neural network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from evergreen.tasks import Task
from evergreen.training.candidates.early_stopping import GiveUp, Labelled
from evergreen.training.candidates.tasks import ALL

_EPOCHS, _MOST, _PATIENCE = 40, 200, 12


class NeuralNetwork:
    """scikit-learn's multi-layer perceptron: a smooth model beside all the trees, so good in an ensemble."""

    name = "mlp"
    takes_missing = False
    takes_weights = True
    wants_scale = True
    stops_early = True
    tasks = ALL

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        return [
            {"units": 64, "layers": 2, "learning_rate_init": 2e-3, "alpha": 1.0, "batch_size": 64},
            {"units": 256, "layers": 1, "learning_rate_init": 1e-3, "alpha": 0.1, "batch_size": 128},
            {"units": 32, "layers": 1, "learning_rate_init": 3e-3, "alpha": 1.0, "batch_size": 128},
        ]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "units": trial.suggest_int(f"{self.name}.units", 16, 256, log=True),
            "layers": trial.suggest_int(f"{self.name}.layers", 1, 3),
            "learning_rate_init": trial.suggest_float(f"{self.name}.learning_rate_init", 2e-4, 1e-2, log=True),
            "alpha": trial.suggest_float(f"{self.name}.alpha", 1e-5, 10.0, log=True),
            "batch_size": trial.suggest_categorical(f"{self.name}.batch_size", [64, 128, 512]),
        }

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`. Its matrix products take the threads BLAS gives them, whatever `n_jobs`."""
        from evergreen.features.networks import NetworkClassifier, NetworkRegressor

        given = {"max_iter": _EPOCHS, **params}
        shape = (given.pop("units"),) * given.pop("layers")
        kind = NetworkClassifier if task.has_classes else NetworkRegressor
        return kind(hidden_layer_sizes=shape, random_state=seed, **given)

    def fit_early(self, estimator: Any, learn: Labelled, judge: Labelled, give_up: GiveUp) -> dict[str, Any]:
        """As in `base.StopsEarly`."""
        best, least, state = 0, np.inf, None

        def goes_on(epoch: int) -> bool:
            nonlocal best, least, state
            loss = _loss(estimator, judge) if len(judge.y) else -epoch
            if loss < least:
                best, least, state = epoch, loss, estimator.state()
            most = _MOST if len(judge.y) else estimator.max_iter
            return epoch < most and epoch - best < _PATIENCE and not give_up()

        estimator.fit_epochs(learn.x, learn.y, learn.weight, goes_on)
        if state is not None:
            estimator.restore(state)
        found = {"max_iter": max(1, best)}
        estimator.set_params(**found)
        return found


def _loss(estimator: Any, judge: Labelled) -> float:
    if not hasattr(estimator, "predict_proba"):
        return float(np.average((estimator.predict(judge.x) - judge.y) ** 2, weights=judge.weight))
    said = estimator.predict_proba(judge.x)[np.arange(len(judge.y)), np.searchsorted(estimator.classes_, judge.y)]
    return float(-np.average(np.log(np.clip(said, 1e-15, 1)), weights=judge.weight))
