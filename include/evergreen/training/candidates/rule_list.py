"""A list of if-then rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.tasks import ALL


class RuleList:
    """For owners who have to explain every prediction: `features.rule_list` says how it is learned and printed."""

    name = "rule_list"
    takes_missing = False
    takes_weights = True
    wants_scale = False
    stops_early = False
    tasks = ALL

    def known_good(self, task: Task) -> list[dict[str, Any]]:  # noqa: ARG002 - the same for every task
        """As in `base.Candidate`."""
        return [{"most": 8, "depth": 2, "least": 0.02}, {"most": 16, "depth": 3, "least": 0.01}]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "most": trial.suggest_int(f"{self.name}.most", 3, 24),
            "depth": trial.suggest_int(f"{self.name}.depth", 1, 4),
            "least": trial.suggest_float(f"{self.name}.least", 0.003, 0.1, log=True),
        }

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`."""
        from evergreen.features.rule_list import RuleListClassifier, RuleListRegressor

        kind = RuleListClassifier if task.has_classes else RuleListRegressor
        return kind(**params, random_state=seed)
