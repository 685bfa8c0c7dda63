"""The metrics by name."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from evergreen.errors import PermanentError
from evergreen.metrics.decisions import DECISIONS, cost_metric
from evergreen.metrics.numbers import NUMBERS, pinball_metric
from evergreen.metrics.probabilities import PROBABILITIES
from evergreen.metrics.ranks import RANKS
from evergreen.spec import UseCase
from evergreen.spec.costs import Costs
from evergreen.tasks import task_named
from evergreen.tasks.scored import Array, Scored


class Metric(Protocol):
    """A number that says how well predictions meet what happened, and how it varies over resamples of blocks."""

    @property
    def name(self) -> str:
        """As the use case calls it."""
        ...

    @property
    def higher_is_better(self) -> bool:
        """Its direction."""
        ...

    @property
    def bounds(self) -> tuple[float, float]:
        """Its lowest and highest value."""
        ...

    def value(self, rows: Scored) -> float:
        """The metric of the rows; NaN where it is not defined."""
        ...

    def resampled(self, rows: Scored, blocks: Array, counts: Array) -> Array:
        """The metric of each of B resamples: `blocks` are codes 0…J−1, `counts` (B × J) says how often each counts."""
        ...


_ALL: tuple[Metric, ...] = (
    *RANKS, *PROBABILITIES, *DECISIONS, *NUMBERS, cost_metric(Costs()), pinball_metric(0.5),
)  # fmt: skip
_BY_NAME = {metric.name: metric for metric in _ALL}


def metric_named(name: str) -> Metric:
    """The metric called `name`; `cost` counts wrong answers, `pinball` judges medians (`metric_of` knows the owner's).

    Raises PermanentError naming those there are.

    >>> metric_named("rmse").higher_is_better
    False
    """
    if name not in _BY_NAME:
        raise PermanentError(f"there is no metric `{name}`; there are {', '.join(sorted(_BY_NAME))}")
    return _BY_NAME[name]


def metric_of(use_case: UseCase, name: str | None = None) -> Metric:
    """The metric called `name` (default: the one that decides) with the use case's costs and quantile."""
    name = name or use_case.metric
    if name == "cost" and use_case.training.costs is not None:
        return cost_metric(use_case.training.costs)
    if name == "pinball":
        return pinball_metric(use_case.training.quantile)
    return metric_named(name)


def metrics_of(use_case: UseCase) -> tuple[Metric, ...]:
    """Every metric that the task has, its default first; `cost` only where the owner says what is costly."""
    names = [name for name in use_case.task.metrics if name != "cost" or use_case.training.costs is not None]
    return tuple(metric_of(use_case, name) for name in names)


def compute(task: str, metric: str, target: pl.Series, predictions: pl.DataFrame, positive: object = None) -> float:
    """A metric of predictions as `Predictor.predict` gives them; NaN where it is not defined (e.g. one class).

    >>> said = pl.DataFrame({"prediction": [1.0, 2.0, 3.0]})
    >>> compute("regression", "mae", pl.Series([1.0, 2.0, 6.0]), said)
    1.0
    """
    return metric_named(metric).value(task_named(task).scored(target, predictions, positive))


def gain(metric: Metric, of: float, over: float) -> float:
    """How much better `of` is than `over`, in the metric's own unit; positive is better whatever its direction.

    >>> round(gain(metric_named("rmse"), of=3.9, over=4.2), 2)
    0.3
    """
    return of - over if metric.higher_is_better else over - of
