"""k nearest neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.tasks import Task
from evergreen.training.candidates.tasks import ALL


class NearestNeighbours:
    """What the most similar rows were. Keeps all rows it learned from, so it is large, and slow on many of them."""

    name = "knn"
    takes_missing = False
    takes_weights = False
    wants_scale = True
    stops_early = False
    tasks = ALL

    def known_good(self, task: Task) -> list[dict[str, Any]]:
        """As in `base.Candidate`."""
        few, many = (15, 50) if task.has_classes else (7, 20)
        return [
            {"n_neighbors": many, "weights": "distance", "p": 2},
            {"n_neighbors": few, "weights": "distance", "p": 1},
        ]

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """As in `base.Candidate`."""
        return {
            "n_neighbors": trial.suggest_int(f"{self.name}.n_neighbors", 1, 200, log=True),
            "weights": trial.suggest_categorical(f"{self.name}.weights", ["distance", "uniform"]),
            "p": trial.suggest_categorical(f"{self.name}.p", [1, 2]),
        }

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:  # noqa: ARG002
        """As in `base.Candidate`."""
        from evergreen.features.neighbours import NeighboursClassifier, NeighboursRegressor

        kind = NeighboursClassifier if task.has_classes else NeighboursRegressor
        return kind(**params, n_jobs=n_jobs)
