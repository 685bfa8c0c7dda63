"""How many rows of each class there are, and how many there should be."""

from __future__ import annotations

import math

import numpy as np

from .base import Array

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


def balanced_weights(y: Array) -> Array:
    """Weights with which every class counts as much as any other: n / (classes · rows of the class)."""
    counts = of_classes(y)
    by_class = {label: len(y) / (len(counts) * count) for label, count in counts.items()}
    return np.array([by_class[int(label)] for label in y])
