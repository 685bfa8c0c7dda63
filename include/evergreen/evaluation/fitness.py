"""Training rows against the gate window: whether the model knows its rows by heart, or has learned too little."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np

from evergreen.evaluation.window import Window
from evergreen.metrics.bootstrap import Resampling
from evergreen.metrics.registry import gain
from evergreen.tasks.base import PLAIN
from evergreen.tasks.scored import Scored

_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Fitness:
    """The metric on training rows and on the window; `gap`: by how much it is better on what was learned from."""

    trained: float
    window: float
    gap: float
    word: str
    text: str


def fitness(window: Window, trained: Scored | None, seed: int, cv_score: float | None = None) -> Fitness | None:
    """Compare; None where there is nothing to compare or the metric is not defined on one of the two.

    `trained` are (some of) the rows that were learned from. A gap counts where the window's 95% interval leaves the
    training rows' value out; `cv_score`, the mean over the search's folds, tells over-fitting from a window that is
    unlike the time before. `under-fitting`: even its own rows it hardly knows better than by saying the same of each.
    """
    if trained is None:
        return None
    metric = window.metric
    own = metric.value(trained)
    new = Resampling.of(window.blocks, window.number, seed).estimate(metric, window.challenger)
    if not (isfinite(own) and isfinite(new.value) and isfinite(new.error)):
        return None
    gap = gain(metric, own, new.value)
    low, high = new.interval(_CONFIDENCE)
    rows = np.arange(len(trained))
    same = plain(trained, window.use_case.quantile)
    over_plain = Resampling.of(rows, len(rows), seed).compare(metric, trained, same).difference
    if over_plain.bound(_CONFIDENCE, upper=False) <= 0:
        word, text = "under-fitting", "even on its own rows it is hardly better than saying the same of every row"
    elif low <= own <= high or gap <= 0:
        word, text = "no gap", "what lies between the two may be chance"
    elif cv_score is not None and (low <= cv_score <= high or gain(metric, cv_score, new.value) <= 0):
        word = "over-fitting"
        text = "it knows its own rows better than others, as the folds had seen; a simpler configuration may do as well"
    elif cv_score is not None and gain(metric, cv_score, new.value) > gap / 2:
        word = "the window differs"
        text = "the search's folds were better than the window, too: the data may have changed"
    else:
        word = "over-fitting"
        text = "it knows its own rows better than new ones, unless the window is unlike the time before"
    return Fitness(own, new.value, gap, word, text)


def plain(rows: Scored, quantile: float | None = None) -> Scored:
    """The same answer for every row: the classes' shares, the mean, or the quantile."""
    task = rows.task
    prior = task.prior(rows.truth, rows.shares[:1].size, quantile)
    return task.laid(rows.truth, task.everywhere(prior, len(rows)), rows.labels, PLAIN, None)
