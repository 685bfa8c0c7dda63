"""What a candidate is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from evergreen.tasks import Task
from evergreen.training.candidates.early_stopping import GiveUp, Labelled


class Candidate(Protocol):
    """An estimator family: a `features.learner.Learner` that also says where to look for good configurations.

    `known_good(task)`: configurations that are tried first, the best first. `suggest(trial, task)`: one configuration
    from Optuna's trial; every parameter's name begins with the candidate's and a dot, so that families share a study.
    `build` returns an unfitted estimator that is deterministic given `seed`, and imports its library only then.
    """

    @property
    def name(self) -> str:
        """As the use case calls it."""
        ...

    @property
    def takes_missing(self) -> bool:
        """It learns from NaN itself."""
        ...

    @property
    def takes_weights(self) -> bool:
        """Its `fit` takes `sample_weight`."""
        ...

    @property
    def wants_scale(self) -> bool:
        """It works better on columns of one scale."""
        ...

    @property
    def stops_early(self) -> bool:
        """It is a `StopsEarly`."""
        ...

    @property
    def tasks(self) -> frozenset[Task]:
        """Which it can do."""
        ...

    def known_good(self, task: Task) -> list[dict[str, Any]]:
        """Configurations worth a trial on any data, the best first."""
        ...

    def suggest(self, trial: Any, task: Task) -> dict[str, Any]:
        """A configuration from Optuna's trial."""
        ...

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """An unfitted estimator."""
        ...


@runtime_checkable
class StopsEarly(Candidate, Protocol):
    """A candidate whose number of iterations is found while it is fitted rather than searched for."""

    def fit_early(self, estimator: Any, learn: Labelled, judge: Labelled, give_up: GiveUp) -> dict[str, Any]:
        """Fit what `build` has made until the loss on the judge rows gets no better, or `give_up()` says so.

        A class that is not among those learned may not be in `judge`, which may be empty. The estimator predicts with
        its best iteration. Returns the parameters with which `build` and a plain fit come to the same size without
        judge rows. At least one iteration is always made.
        """
        ...
