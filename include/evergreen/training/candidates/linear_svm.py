"""A linear support vector machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.tasks import ALL


class SupportVectorMachine:
    """A wide margin between classes, made probabilities; a tube around the numbers of a regression."""

    name = "linear_svm"
    takes_missing = False
    takes_weights = True
    wants_scale = True
    stops_early = False
    tasks = ALL

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        return [{"C": 0.01}, {"C": 0.3}]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {"C": trial.suggest_float(f"{self.name}.C", 1e-5, 10.0, log=True)}

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`."""
        if not task.has_classes:
            from evergreen.features.quiet import QuietLinearSVR
            from evergreen.features.scaled_target import ScaledTarget

            machine = QuietLinearSVR(C=params["C"], epsilon=0.1, loss="squared_epsilon_insensitive", dual="auto")
            return ScaledTarget(machine.set_params(random_state=seed))
        from evergreen.features.linear_svm import LinearSvm

        return LinearSvm(C=params["C"], random_state=seed)
