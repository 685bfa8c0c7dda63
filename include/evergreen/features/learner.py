"""What the pipeline has to know of a candidate, and how it becomes an estimator for a use case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from evergreen.tasks import Task

if TYPE_CHECKING:
    from evergreen.spec import UseCase


class Learner(Protocol):
    """An estimator family. `takes_missing` and `wants_scale` only steer what the use case leaves open."""

    @property
    def name(self) -> str:
        """As the use case calls it."""
        ...

    @property
    def takes_missing(self) -> bool:
        """It learns from NaN itself."""
        ...

    @property
    def wants_scale(self) -> bool:
        """It works better on columns of one scale."""
        ...

    def build(self, task: Task, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        """An unfitted scikit-learn estimator, deterministic given `seed`."""
        ...


@runtime_checkable
class LearnsQuantiles(Learner, Protocol):
    """A learner that has a loss for a quantile."""

    def quantile(self, share: float) -> dict[str, Any]:
        """The parameters for `build` with which it learns the quantile below which `share` of the rows lie."""
        ...


def estimator_of(use_case: UseCase, learner: Learner, params: Mapping[str, Any], seed: int, n_jobs: int = 1) -> Any:
    """An unfitted estimator, with metric `pinball` of the quantile it judges, where the learner can learn one.

    It is the use case's to say which, so no configuration records it: a champion's is tried with today's. By `mae` all
    learn the mean: boosters take twice as long for the median, and were not surely better by it.
    """
    asked: dict[str, Any] = {}
    if use_case.metric == "pinball" and isinstance(learner, LearnsQuantiles):
        asked = learner.quantile(use_case.training.quantile)
    return learner.build(use_case.task, {**params, **asked}, seed, n_jobs)
