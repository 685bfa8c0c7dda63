"""How well the winner does on rows it had not learned from, beside the plain baseline on the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

import polars as pl

from evergreen.metrics.blocks import block_codes
from evergreen.metrics.bootstrap import compare
from evergreen.metrics.registry import metric_of, metrics_of
from evergreen.spec import UseCase
from evergreen.spec.costs import Costs
from evergreen.tasks.scored import Scored

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Score:
    """`value`: the metric with its 95% interval, `gain` over the `baseline` likewise (positive is better),
    `others`: the task's other metrics as (winner, baseline).
    """

    metric: str
    rows: int
    value: float
    low: float
    high: float
    baseline: float
    gain: float
    gain_low: float
    gain_high: float
    others: dict[str, tuple[float, float]]
    higher_is_better: bool = True

    @property
    def beats(self) -> bool | None:
        """Whether the winner is better than the baseline; None: it looks so, but that may be chance."""
        if self.gain <= 0:
            return False
        return True if isfinite(self.gain_low) and self.gain_low > 0 else None


def score(use_case: UseCase, winner: Scored, baseline: Scored, blocks: pl.Series, seed: int) -> Score:
    """The winner's and the baseline's predictions of the same rows, n each; rows of one block err together."""
    metric = metric_of(use_case)
    both = compare(metric, winner, baseline, *block_codes(blocks), seed)
    low, high = both.challenger.interval(CONFIDENCE)
    gain_low, gain_high = both.difference.interval(CONFIDENCE)
    return Score(
        metric=metric.name,
        rows=len(winner),
        value=both.challenger.value,
        low=low,
        high=high,
        baseline=both.champion.value,
        gain=both.difference.value,
        gain_low=gain_low,
        gain_high=gain_high,
        others={
            each.name: (each.value(winner), each.value(baseline))
            for each in metrics_of(use_case)
            if each.name != metric.name
        },
        higher_is_better=metric.higher_is_better,
    )


def unjudged(use_case: UseCase, value: float) -> Score:
    """Where only the mean over the folds is known."""
    nan = float("nan")
    return Score(use_case.metric, 0, value, nan, nan, nan, nan, nan, nan, {})


def constant(like: Scored, share: Any, costs: Costs | None = None) -> Scored:
    """What a baseline says of the same rows: `share` is the positive class's, every class's, or the mean. Of classes it
    says the likeliest, or the one that by `costs` is the cheapest to say always.
    """
    task = like.task
    said = task.everywhere(share, len(like))
    return task.laid(like.truth, said, like.labels, task.threshold(costs), task.matrix(costs, like.labels))
