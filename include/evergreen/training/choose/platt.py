"""Platt's curves of several classes at once, by Newton's method with halved steps.

Platt, "Probabilistic outputs for support vector machines" (1999); Lin, Lin and Weng, "A note on Platt's probabilistic
outputs" (Machine Learning 68, 2007), whose remedy for steps that go too far is taken. A class alone is what
scikit-learn's unpenalised logistic regression of one column gives; of dozens of classes that is dozens of small fits,
each mostly checks of its input.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evergreen.features.calibrated import log_odds

Array = np.ndarray[Any, Any]
_RIDGE = 1e-6
"""On the slope, so that classes that a model tells apart without a mistake have a finite one."""
_STEPS, _HALVINGS, _TINY = 100, 30, 1e-300
_ENOUGH, _NEAR = 1e-4, 1e-9
"""The share of the fall that a step promises and has to bring, and the log loss a row that is as good as none."""


def platt_curves(truth: Array, shares: Array) -> list[list[float]]:
    """Slope and intercept on the log odds for each of k classes: `truth` (n × k) whether a row is of the class,
    `shares` (n × k) its probability. A class of which no row is, or every row, gets (1, 0): its probabilities stay.
    """
    odds = log_odds(shares)
    found = np.tile([[1.0], [0.0]], truth.shape[1])
    both = truth.any(axis=0) & ~truth.all(axis=0)
    if both.any():
        found[:, both] = _newton(truth[:, both], odds[:, both])
    return [[float(slope), float(intercept)] for slope, intercept in found.T]


def _newton(truth: Array, odds: Array) -> Array:
    """2 × k: slopes and intercepts with the least log loss. Classes are done together, and left out once they are."""
    found = np.tile([[1.0], [0.0]], truth.shape[1])  # the probabilities as they are
    left, at = np.arange(truth.shape[1]), found
    said, loss = _evaluate(at, truth, odds)
    for _ in range(_STEPS):
        step, slope = _step(at, said, truth, odds)
        size = np.ones(len(left))
        wanted = at - step
        said, new = _evaluate(wanted, truth, odds)
        for _ in range(_HALVINGS):
            far = new > loss - _ENOUGH * size * slope + _NEAR * len(truth)
            if not far.any():
                break
            size = np.where(far, size / 2, size)
            wanted = at - size * step
            said, new = _evaluate(wanted, truth, odds)
        found[:, left] = wanted
        going = loss - new > _NEAR * len(truth)
        if not going.any():
            break
        left, at, loss = left[going], wanted[:, going], new[going]
        truth, odds, said = truth[:, going], odds[:, going], said[:, going]
    return found


def _evaluate(at: Array, truth: Array, odds: Array) -> tuple[Array, Array]:
    """Probabilities (n × k) by the curves, and each class's penalised log loss."""
    from scipy.special import expit

    said = expit(at[0] * odds + at[1])
    loss = -np.log(np.where(truth, said, 1 - said) + _TINY).sum(axis=0)
    return said, loss + _RIDGE / 2 * at[0] ** 2


def _step(at: Array, said: Array, truth: Array, odds: Array) -> tuple[Array, Array]:
    """Newton's step to be taken back (2 × k), and by how much the loss falls along it, a class."""
    off, weight = said - truth, said * (1 - said)
    first = np.stack([np.einsum("nk,nk->k", off, odds) + _RIDGE * at[0], off.sum(axis=0)])
    weighed = weight * odds
    aa = np.einsum("nk,nk->k", weighed, odds) + _RIDGE
    ab, bb = weighed.sum(axis=0), weight.sum(axis=0) + _RIDGE
    flat = aa * bb - ab**2 + _TINY
    step = np.stack([bb * first[0] - ab * first[1], aa * first[1] - ab * first[0]]) / flat
    return step, (first * step).sum(axis=0)
