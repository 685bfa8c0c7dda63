"""How many rows of each class there are, and how many there should be."""

from __future__ import annotations

import math

import numpy as np

from evergreen.training.imbalance.base import Array

_FLOOR = 0.01
_MOST, _LEAST = 3, 20
"""Over-sampling adds at most so many times the rows there were (with two classes it never comes so far); under-sampling
leaves at least so many of a class that had more."""


def of_classes(y: Array) -> dict[int, int]:
    """Rows by class."""
    classes, counts = np.unique(y, return_counts=True)
    return {int(label): int(count) for label, count in zip(classes, counts, strict=True)}


def raised(y: Array) -> dict[int, int]:
    """Rows by class after over-sampling: as many as the most frequent class has."""
    counts = of_classes(y)
    goal = min(max(counts.values()), math.ceil(_MOST * len(y) / len(counts)))
    return {label: max(count, goal) for label, count in counts.items()}


def lowered(y: Array) -> dict[int, int]:
    """Rows by class after under-sampling: as many as the rarest class has."""
    counts = of_classes(y)
    goal = max(min(counts.values()), _LEAST)
    return {label: min(count, goal) for label, count in counts.items()}


def balanced_weights(y: Array, stakes: Array | None) -> Array:  # noqa: ARG001 - as `base.Weights`
    """With these every class counts as much as any other: n / (classes · rows of the class), by code."""
    counts = np.bincount(y)
    there = np.maximum(counts, 1)
    return np.asarray(np.where(counts > 0, len(y) / ((counts > 0).sum() * there), 0.0))


def cost_weights(y: Array, stakes: Array | None) -> Array:
    """With these a row counts as much as mistaking it costs (K. M. Ting: An instance-weighting method to induce
    cost-sensitive trees, IEEE TKDE 14, 2002). A class that costs next to nothing is still learned a little.
    """
    if stakes is None or stakes.max() <= 0:
        return np.ones(int(y.max()) + 1)
    floored = np.maximum(stakes, _FLOOR * stakes.max())
    return np.asarray(floored / floored[y].mean())
