"""Whether the challenger is better by enough, and whether that can be told."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from evergreen.artifacts import Reason
from evergreen.evaluation.window import Window
from evergreen.metrics.bootstrap import Comparison, Resampling
from evergreen.metrics.ranks import RankMetric
from evergreen.metrics.registry import metrics_of

LEAST_BLOCKS = 7
"""Fewer blocks than this say too little about how results vary between them: with five, challengers that have bad days
are promoted more often than allowed (docs/measurements.md)."""

MOST_CLASSES = 20
"""With more classes only the metric that decides orders the rows anew for each class."""


@dataclass(frozen=True)
class JudgedGain:
    """Both models by the metric that decides; the gain lies between `low` and `high`, one-sided bounds."""

    both: Comparison
    low: float
    high: float
    reason: Reason


def confidence_after(confidence: float, uses: int) -> float:
    """What one comparison has to reach on a window that has been used `uses` times before.

    Of the error that is allowed, 1 − `confidence`, the n-th use may spend the part 6 / (π² n²). The parts add up to it:
    all uses of a window together, however many and however they depend on one another, promote a challenger that is no
    better with at most this probability (alpha spending: Foster, Stine: Alpha-investing, J. R. Stat. Soc. B 70, 2008).
    """
    return 1 - (1 - confidence) * 6 / (pi * (uses + 1)) ** 2


def judge_gain(window: Window, confidence: float, resampling: Resampling) -> JudgedGain:
    """Passes where the lower bound of the difference lies above `min_gain`; fails where even the upper bound does not;
    between the two the window can't tell (None). The bounds are one-sided, each at `confidence`.
    """
    use_case, metric = window.use_case, window.metric
    asked = use_case.promotion.min_gain
    both = resampling.compare(metric, window.challenger, window.champion, asked.relative or 0.0)
    one, other, apart = both.challenger.value, both.champion.value, both.difference.value
    least = asked.of(other)
    # what is asked for may be a share of the champion's value, which varies with the rest
    beyond = both.beyond if asked.relative is not None else both.difference
    shift = apart - beyond.value
    low, high = (beyond.bound(confidence, upper=side) + shift for side in (False, True))
    passed: bool | None
    if window.number < LEAST_BLOCKS:
        passed = None
        said = (
            f"The window has {window.number} blocks ({window.block_name}); {LEAST_BLOCKS} are needed to judge a gain."
        )
    elif not np.isfinite([apart, low, high]).all():
        passed, said = None, f"`{metric.name}` is not defined on this window, or not on half of its resamples."
    else:
        passed = True if low > least else False if high <= least else None
        verdict = {True: "enough", False: "too small", None: "too uncertain"}[passed]
        said = (
            f"The gain in `{metric.name}` is {verdict}: {apart:+.5g} ({one:.5g} against {other:.5g}), between "
            f"{low:+.5g} and {high:+.5g} at {confidence:.2%} confidence; more than {least:.5g} is needed."
        )
    reason = Reason(check="gain", passed=passed, text=said, value=_number(apart), limit=_number(least))
    return JudgedGain(both, low, high, reason)


def all_metrics(window: Window, confidence: float, gain: JudgedGain, resampling: Resampling) -> dict[str, float]:
    """Every metric of the task for both models and the gain in it (positive is better), with two-sided intervals; those
    of `difference`, the gain that decides, are the one-sided bounds that the gate looks at.
    """
    found: dict[str, float] = {"rows": float(len(window.challenger)), "blocks": float(window.number)}
    for metric in metrics_of(window.use_case):
        mine = metric.name == window.metric.name
        if isinstance(metric, RankMetric) and not mine and window.challenger.shares[:1].size > MOST_CLASSES:
            continue
        both = gain.both if mine else resampling.compare(metric, window.challenger, window.champion)
        for name, one in (("challenger", both.challenger), ("champion", both.champion), ("gain", both.difference)):
            low, high = one.interval(confidence)
            if name != "gain":
                low, high = (float(np.clip(side, *metric.bounds)) for side in (low, high))
            said = f"{name}_{metric.name}"
            found |= {said: one.value, f"{said}_low": low, f"{said}_high": high}
    found |= {"difference": gain.both.difference.value, "difference_low": gain.low, "difference_high": gain.high}
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
