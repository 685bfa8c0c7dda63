"""Whether a first challenger says more than the clock does."""

from __future__ import annotations

from math import isfinite

from evergreen.artifacts import Reason
from evergreen.evaluation.window import Window
from evergreen.features.predictor import Predictor
from evergreen.metrics.registry import gain


def judge_season(window: Window, positive: object, seasonal: Predictor | None) -> list[Reason]:
    """The challenger's value on the window against that of the seasonal baseline, which it has to be better than.
    `positive`: the class of a binary task that both speak of.

    That is asked of the values alone, not with confidence: that the challenger is worth anything is shown by its gain
    over the plain baseline, and a model no better than the clock is not worth its keep.
    """
    if seasonal is None:
        return []
    use_case, metric = window.use_case, window.metric
    said = seasonal.predict(window.rows)
    theirs = use_case.task.scored(window.rows[use_case.target.column], said, positive)
    one, other = metric.value(window.challenger), metric.value(theirs)
    season = seasonal.pipeline.named_steps["model"].season
    if not isfinite(one - other):
        return [Reason(check="season", passed=None, text=f"`{metric.name}` is not defined on this window.")]
    better = gain(metric, one, other) > 0
    verdict = "better" if better else "no better"
    text = f"The challenger is {verdict} than the baseline by {season}: `{metric.name}` {one:.5g} against {other:.5g}."
    return [Reason(check="season", passed=better, text=text, value=one, limit=other)]
