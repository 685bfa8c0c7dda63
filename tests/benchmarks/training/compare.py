"""Which differences are real: paired bootstrap intervals, and regret on a scale that data sets share.

Everything is turned so that more is better ("gain"): ROC AUC as it is, log loss and root mean squared error negated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .score import Judged

DRAWS = 4000


@dataclass(frozen=True)
class Interval:
    """A difference in gain, ours less theirs: above 0, ours is better."""

    value: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """`win` or `loss` where the interval lies to one side of 0, else `tie`."""
        return "win" if self.low > 0 else "loss" if self.high < 0 else "tie"


def gain(task: str, value: float) -> float:
    """A score, turned so that more is better."""
    return value if task == "binary" else -value


def regrets(gains: Mapping[str, float | None], plain: float) -> dict[str, float]:
    """How far each system stays behind the best of them, from 0 (is the best) to 1 (no better than `plain`, or failed).

    `gains`: a system's gain on one data set and seed, None where it failed; `plain`: that of the constant prediction.
    """
    best = max((value for value in gains.values() if value is not None), default=plain)
    if best <= plain:
        return {name: 0.0 if value == best else 1.0 for name, value in gains.items()}
    return {
        name: 1.0 if value is None else float(np.clip((best - value) / (best - plain), 0, 1))
        for name, value in gains.items()
    }


def weighted_gains(of: Judged, weights: np.ndarray) -> np.ndarray:
    """Gain for each row of `weights` (draws, rows): how often each test row counts."""
    if of.task == "multiclass":
        losses = -np.log(of.said[np.arange(len(of.truth)), of.truth])
        return -(weights @ losses) / weights.sum(axis=1)
    if of.task == "regression":
        return -np.sqrt(weights @ (of.truth - of.said) ** 2 / weights.sum(axis=1))
    order = np.argsort(of.said, kind="stable")
    starts = np.flatnonzero(np.diff(of.said[order], prepend=-np.inf))  # rows said the same share a place
    positive = np.add.reduceat(weights[:, order] * (of.truth[order] == 1), starts, axis=1)
    negative = np.add.reduceat(weights[:, order] * (of.truth[order] != 1), starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative / 2
    return (positive * below).sum(axis=1) / (positive.sum(axis=1) * negative.sum(axis=1))


def paired(pairs: Sequence[tuple[Judged, Judged]], *, confidence: float, seed: int, draws: int = DRAWS) -> Interval:
    """Interval of the mean difference over seeds; `pairs`: (ours, theirs) on the same test rows, one pair a seed.

    A bootstrap in two steps: seeds are drawn, then the rows of each drawn seed's test split, the same for both systems.
    Three seeds are few and their splits overlap, so the interval is an approximation (Davison and Hinkley 1997, 3.8).
    """
    generator = np.random.default_rng(seed)
    drawn = np.empty((len(pairs), draws))
    for place, (ours, theirs) in enumerate(pairs):
        for start in range(0, draws, 100):  # a block at a time: rows by draws would not fit
            weights = _drawn_rows(generator, len(ours.truth), min(100, draws - start))
            block = weighted_gains(ours, weights) - weighted_gains(theirs, weights)
            drawn[place, start : start + len(block)] = block
    seeds = generator.integers(len(pairs), size=(len(pairs), draws))
    means = drawn[seeds, generator.integers(draws, size=seeds.shape)].mean(axis=0)
    value = np.mean([_whole(ours) - _whole(theirs) for ours, theirs in pairs])
    return _interval(float(value), means, confidence)


def over_sets(differences: Sequence[float], *, confidence: float, seed: int, draws: int = DRAWS) -> Interval:
    """Interval of a mean over data sets, which are drawn again: `differences` holds one value a data set."""
    values = np.asarray(differences)
    drawn = np.random.default_rng(seed).integers(len(values), size=(draws, len(values)))
    return _interval(float(values.mean()), values[drawn].mean(axis=1), confidence)


def _drawn_rows(generator: np.random.Generator, rows: int, draws: int) -> np.ndarray:
    places = generator.integers(rows, size=(draws, rows)) + np.arange(draws)[:, None] * rows
    return np.bincount(places.ravel(), minlength=draws * rows).reshape(draws, rows).astype(float)


def _whole(of: Judged) -> float:
    return float(weighted_gains(of, np.ones((1, len(of.truth))))[0])


def _interval(value: float, drawn: np.ndarray, confidence: float) -> Interval:
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Interval(value, float(low), float(high))
