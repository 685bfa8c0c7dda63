"""Whether the challenger is better by enough, and whether that can be told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..artifacts import Reason
from ..metrics.bootstrap import Estimate, compare
from ..metrics.registry import metrics_of
from .window import Window

LEAST_BLOCKS = 5
"""Fewer blocks than this say too little about how results vary between them."""


@dataclass(frozen=True)
class Gain:
    """`difference`: how much better the challenger is (positive is better); both values with two-sided intervals."""

    difference: Estimate
    challenger: Estimate
    champion: Estimate
    reason: Reason


def confidence_after(confidence: float, uses: int) -> float:
    """What one comparison has to reach on a window that has been used before: the allowed error halves with each use,
    so that all uses of a window together err at most 2 · (1 − `confidence`).
    """
    return 1 - (1 - confidence) / 2.0**uses


def judge_gain(window: Window, confidence: float, seed: int) -> Gain:
    """Passes where the lower bound of the difference lies above `min_gain`; fails where even the upper bound does not;
    between the two the window can't tell (None). The bounds are one-sided, each at `confidence`.
    """
    use_case, metric = window.use_case, window.metric
    both = compare(metric, window.challenger, window.champion, window.blocks, window.number, seed)
    one, other, apart = both.challenger, both.champion, both.difference
    least = use_case.promotion.min_gain.of(other.value)
    low, high = apart.bound(confidence, upper=False), apart.bound(confidence, upper=True)
    passed: bool | None
    if window.number < LEAST_BLOCKS:
        passed = None
        said = f"the window has {window.number} blocks ({window.block_name}); {LEAST_BLOCKS} are needed to tell"
    elif not np.isfinite([apart.value, low, high]).all():
        passed, said = None, f"{metric.name} is not defined on this window, or not on half of its resamples"
    else:
        passed = True if low > least else False if high <= least else None
        verdict = {True: "enough", False: "not enough", None: "too uncertain to tell"}[passed]
        said = (
            f"{metric.name} {one.value:.5g} against {other.value:.5g}: gain {apart.value:+.5g}, between {low:+.5g} and "
            f"{high:+.5g} at {confidence:.2%} confidence; {least:.5g} is asked for: {verdict}"
        )
    return Gain(
        apart, one, other, Reason(check="gain", passed=passed, text=said, value=_number(apart.value), limit=least)
    )


def all_metrics(window: Window, confidence: float, gain: Gain) -> dict[str, float]:
    """Every metric of the task for both models, with two-sided intervals for the one that decides."""
    found: dict[str, float] = {"rows": float(len(window.challenger)), "blocks": float(window.number)}
    for metric in metrics_of(window.use_case):
        found[f"challenger_{metric.name}"] = metric.value(window.challenger)
        found[f"champion_{metric.name}"] = metric.value(window.champion)
    for name, one in (("challenger", gain.challenger), ("champion", gain.champion)):
        low, high = one.interval(confidence)
        found |= {f"{name}_{window.metric.name}_low": low, f"{name}_{window.metric.name}_high": high}
    found["difference"] = gain.difference.value
    found["difference_low"] = gain.difference.bound(confidence, upper=False)
    found["difference_high"] = gain.difference.bound(confidence, upper=True)
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
