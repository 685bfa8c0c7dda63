"""Made-up gate windows in which it is known how much better the challenger really is.

A world gives the rows of a window (challenger, champion, block of each row) and the true gain by its metric, exact in
the limit of many days. Errors have a part that all rows of a day share: `together` is its share of the variance, drawn
for each model apart, so that the difference of the two varies from day to day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np

from evergreen import tasks
from evergreen.tasks.scored import Scored

Array = np.ndarray
Rng = np.random.Generator
Rows = tuple[Scored, Scored, Array]


@dataclass(frozen=True)
class Shape:
    """How a window is made: days, rows a day on average, the part of errors that a day shares, how uneven days are
    (σ of a lognormal), and how far a day takes after the day before (AR(1))."""

    days: int = 14
    rows: int = 100
    together: float = 0.3
    uneven: float = 0.0
    lasting: float = 0.0

    def day(self, rng: Rng) -> Array:
        """The day of each row."""
        if not self.uneven:
            return np.repeat(np.arange(self.days), self.rows)
        sizes = rng.lognormal(-(self.uneven**2) / 2, self.uneven, self.days) * self.rows
        return np.repeat(np.arange(self.days), np.maximum(2, sizes.astype(int)))

    def errors(self, rng: Rng, day: Array) -> Array:
        """Standard normal errors of one model."""
        shared = rng.normal(size=self.days)
        for index in range(1, self.days):
            shared[index] = self.lasting * shared[index - 1] + sqrt(1 - self.lasting**2) * shared[index]
        return sqrt(self.together) * shared[day] + sqrt(1 - self.together) * rng.normal(size=len(day))


@dataclass(frozen=True)
class World:
    """`make(shape, rng, own, better)`: rows whose true gain by `metric` is `gain(better)`, none where `better` is 0.

    What happened and what the champion says come from `rng`, what the challenger says from `own`.
    """

    name: str
    task: str
    metric: str
    make: Callable[[Shape, Rng, Rng, float], Rows]
    gain: Callable[[float], float] = lambda _better: 0.0


def _binary(truth: Array, logit: Array) -> Scored:
    said = 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
    return Scored(tasks.BINARY, truth.astype(np.int64), said, (said >= 0.5).astype(np.int64))


def _number(truth: Array, said: Array) -> Scored:
    return Scored(tasks.REGRESSION, truth, said, said)


def binary(shape: Shape, rng: Rng, own: Rng, better: float) -> Rows:
    """Normal scores around each class, `better` further apart for the challenger. Base rates vary from day to day."""
    day = shape.day(rng)
    rate = 1 / (1 + np.exp(0.8 + 0.5 * rng.normal(size=shape.days)))
    truth = rng.random(len(day)) < rate[day]
    apart = np.where(truth, 0.5, -0.5)
    other = apart + shape.errors(rng, day)
    one = (1 + better) * apart + shape.errors(own, day)
    return _binary(truth, one - 0.8), _binary(truth, other - 0.8), day


def auc_gain(better: float) -> float:
    """Of `binary`: two normals d apart have an area of Φ(d / √2) under ROC."""
    area = [0.5 * (1 + erf(step / 2)) for step in (1.0 + better, 1.0)]
    return area[0] - area[1]


def multiclass(shape: Shape, rng: Rng, own: Rng, better: float) -> Rows:
    """Three classes, the right one's score higher by 1 (challenger: 1 + `better`)."""
    day = shape.day(rng)
    truth = rng.choice(3, size=len(day), p=[0.6, 0.3, 0.1])

    def of(step: float, chance: Rng) -> Scored:
        raw = np.column_stack([shape.errors(chance, day) for _ in range(3)]) + step * np.eye(3)[truth]
        shares = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
        return Scored(tasks.MULTICLASS, truth, shares, shares.argmax(axis=1), ("a", "b", "c"))

    other = of(1.0, rng)
    return of(1.0 + better, own), other, day


def regression(shape: Shape, rng: Rng, own: Rng, better: float) -> Rows:
    """Normal errors of variance 1; the challenger's of 1 − `better`."""
    day = shape.day(rng)
    truth = 10 + rng.normal(size=len(day))
    other, one = shape.errors(rng, day), sqrt(1 - better) * shape.errors(own, day)
    return _number(truth, truth + one), _number(truth, truth + other), day


def bad_days(shape: Shape, rng: Rng, own: Rng, better: float) -> Rows:
    """Errors whose variance is 1 a day for the champion, exponential around 1 − `better` for the challenger: it is
    better on most days and much worse on some."""
    day = shape.day(rng)
    truth = 10 + rng.normal(size=len(day))
    other = _number(truth, truth + rng.normal(size=len(day)))
    scale = np.sqrt((1 - better) * own.exponential(size=shape.days))[day]
    return _number(truth, truth + scale * own.normal(size=len(day))), other, day


def blunders(shape: Shape, rng: Rng, own: Rng, better: float) -> Rows:
    """Coins. The champion says 0.6114 throughout; the challenger 0.5, and 0.98 on a row in fifty: both lose 0.02546
    more than they need, one a little all the time, one a lot and rarely, on some days more often than on others.
    """
    day = shape.day(rng)
    truth = rng.random(len(day)) < 0.5
    often = 0.02 * (1 - better) * own.gamma(1 / shape.together, shape.together, size=shape.days)
    one = np.where(own.random(len(day)) < np.minimum(often, 1)[day], 0.98, 0.5)
    code = truth.astype(np.int64)
    challenger, champion = (
        Scored(tasks.BINARY, code, said, (said >= 0.5).astype(np.int64))
        for said in (one, np.full(len(day), 0.5 + _SHIFT))
    )
    return challenger, champion, day


_LOSS = -0.5 * np.log(4 * 0.98 * 0.02)
_SHIFT = float(np.sqrt(1 - np.exp(-2 * 0.02 * _LOSS)) / 2)

RARE = 0.1


def rare_bad_days(shape: Shape, rng: Rng, own: Rng, better: float) -> Rows:
    """One day in ten the challenger's errors are so much larger that on average it is no better."""
    day = shape.day(rng)
    truth = 10 + rng.normal(size=len(day))
    other = _number(truth, truth + rng.normal(size=len(day)))
    bad = own.random(shape.days) < RARE
    variance = np.where(bad, (1 - 0.8 * (1 - RARE)) / RARE, 0.8) * (1 - better)
    return _number(truth, truth + np.sqrt(variance)[day] * own.normal(size=len(day))), other, day


BINARY = tuple(
    World(f"twins, {metric}", "binary", metric, binary, auc_gain if metric == "roc_auc" else lambda _better: 0.0)
    for metric in ("roc_auc", "pr_auc", "log_loss", "brier", "calibration_error", "f1", "accuracy")
)
MULTICLASS = tuple(
    World(f"three classes, {metric}", "multiclass", metric, multiclass) for metric in ("log_loss", "f1", "roc_auc")
)
REGRESSION = (
    World("numbers, mse", "regression", "mse", regression, lambda better: better),
    World("numbers, rmse", "regression", "rmse", regression, lambda better: 1 - sqrt(1 - better)),
    World("numbers, mae", "regression", "mae", regression, lambda better: sqrt(2 / np.pi) * (1 - sqrt(1 - better))),
    World("numbers, r2", "regression", "r2", regression, lambda better: better),
    World("numbers, pinball", "regression", "pinball", regression),
)
SKEWED = (
    World("bad days, mse", "regression", "mse", bad_days, lambda better: better),
    World("blunders, log_loss", "binary", "log_loss", blunders),
)
UNSEEN = (World("one bad day in ten, mse", "regression", "mse", rare_bad_days),)
