"""The winner among what a search offers: by score alone, or with an eye on latency and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evergreen.training.choose.options import Option

_ERRORS = {"accuracy": 0.0, "balanced": 1.0, "small": 2.0}
"""How many standard errors of the difference a winner may be worse than the best (Breiman's rule takes one)."""


@dataclass(frozen=True, eq=False)
class Choice:
    """The option that was taken, and in words what was given up for what."""

    option: Option
    said: str


def choose(options: Sequence[Option], prefer: str, metric: str, *, higher: bool) -> Choice:
    """`accuracy`: the best score. `balanced`: of those hardly worse, the one with the least latency. `small`: of those
    not much worse, the smallest. Only options on the front of score, latency and size are looked at.
    """
    sign = 1.0 if higher else -1.0
    best = max(options, key=lambda one: sign * one.score)
    close = [one for one in _front(options, sign) if _behind(one, best, sign) <= _ERRORS[prefer]]
    if prefer == "accuracy" or not close:
        taken = best
    elif prefer == "balanced":
        taken = min(close, key=lambda one: (one.latency, one.size))
    else:
        taken = min(close, key=lambda one: (one.size, one.latency))
    return Choice(taken, _words(taken, best, metric))


def _front(options: Sequence[Option], sign: float) -> list[Option]:
    """Those that no other beats or meets in score, latency and size together."""

    def costs(one: Option) -> tuple[float, float, float]:
        return -sign * one.score, one.latency, float(one.size)

    return [
        one
        for one in options
        if not any(
            all(a <= b for a, b in zip(costs(other), costs(one), strict=True)) and costs(other) != costs(one)
            for other in options
        )
    ]


def _behind(one: Option, best: Option, sign: float) -> float:
    """How many standard errors, over folds, `one` is worse than the best."""
    if one is best:
        return 0.0
    if len(one.scores) != len(best.scores) or len(one.scores) < 2:
        return float("inf")
    worse = sign * (np.asarray(best.scores) - np.asarray(one.scores))
    error = worse.std(ddof=1) / np.sqrt(len(worse))
    if error == 0:
        return 0.0 if worse.mean() <= 0 else float("inf")
    return float(worse.mean() / error)


def _words(taken: Option, best: Option, metric: str) -> str:
    cost = f"{taken.latency * 1000:.1f} ms a row and {taken.size / 1e6:.1f} MB"
    if taken is best:
        return f"the best {metric} ({best.score:.5f}) at {cost}"
    return (
        f"{metric} {taken.score:.5f} at {cost}, instead of {best.score:.5f} at {best.latency * 1000:.1f} ms a row and "
        f"{best.size / 1e6:.1f} MB"
    )
