"""The metrics by name."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from ..errors import PermanentError
from ..spec.training import METRICS
from .ranks import RANKS
from .scored import Array, Scored, scored
from .sums import SUMS


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

    def value(self, rows: Scored) -> float:
        """The metric of the rows; NaN where it is not defined."""
        ...

    def resampled(self, rows: Scored, blocks: Array, counts: Array) -> Array:
        """The metric of each of B resamples: `blocks` are codes 0…J−1, `counts` (B × J) says how often each counts."""
        ...


_BY_NAME: dict[str, Metric] = {metric.name: metric for metric in (*RANKS, *SUMS)}


def metric_named(name: str) -> Metric:
    """The metric called `name`. Raises PermanentError naming those there are."""
    if name not in _BY_NAME:
        raise PermanentError(f"there is no metric `{name}`; there are {', '.join(sorted(_BY_NAME))}")
    return _BY_NAME[name]


def metrics_of(task: str) -> tuple[Metric, ...]:
    """Every metric that the task allows, its default first."""
    return tuple(_BY_NAME[name] for name in METRICS[task])


def compute(task: str, metric: str, target: pl.Series, predictions: pl.DataFrame, positive: object = None) -> float:
    """A metric of predictions as `Predictor.predict` gives them; NaN where it is not defined (e.g. one class)."""
    return metric_named(metric).value(scored(task, target, predictions, positive))


def gain(metric: Metric, of: float, over: float) -> float:
    """How much better `of` is than `over`, in the metric's own unit; positive is better whatever its direction."""
    return of - over if metric.higher_is_better else over - of
