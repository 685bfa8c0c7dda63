"""Metrics of decided classes, at whatever threshold the model decides."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import numpy as np

from evergreen.metrics.sums import SumMetric, mean, mean_of, ratio
from evergreen.spec.costs import Costs
from evergreen.tasks.scored import Array, Scored

_Score = Callable[[Array, Array, Array], Array]


def _accuracy(rows: Scored) -> Array:
    return np.asarray(rows.decided == rows.truth, dtype=np.float64)


def _confusion(rows: Scored, blocks: Array, number: int) -> Array:
    """Of each block and class: right, said, was (J × 3k). Binary: the positive class's only."""
    if rows.task.has_positive:
        said, was = rows.decided == 1, rows.truth == 1
        parts = [said & was, said, was]
        return np.column_stack([np.bincount(blocks[part], minlength=number) for part in parts]).astype(np.float64)
    classes = rows.shares.shape[1]
    right = rows.decided == rows.truth

    def by_class(of: Array, codes: Array) -> Array:
        return np.bincount(of * classes + codes, minlength=number * classes).reshape(number, classes)

    parts = [by_class(blocks[right], rows.truth[right]), by_class(blocks, rows.decided), by_class(blocks, rows.truth)]
    return np.stack(parts, axis=-1).reshape(number, 3 * classes).astype(np.float64)


def _precision(right: Array, said: Array, was: Array) -> Array:  # noqa: ARG001 - one form for the three
    """0 where nothing was said to be of the class, as scikit-learn has it."""
    return np.asarray(right / np.maximum(said, 1.0))


def _recall(right: Array, said: Array, was: Array) -> Array:  # noqa: ARG001 - one form for the three
    return np.asarray(right / np.maximum(was, 1.0))


def _f1(right: Array, said: Array, was: Array) -> Array:
    return np.asarray(2 * right / np.maximum(said + was, 1.0))


def _averaged(score: _Score, average: str) -> Callable[[Array], Array]:
    """Over the classes that occur: their mean (macro), or weighted by their rows; micro: of all rows as one class."""

    def combine(sums: Array) -> Array:
        split = sums.reshape(*sums.shape[:-1], -1, 3)
        if average == "micro":
            split = split.sum(axis=-2, keepdims=True)
        right, said, was = split[..., 0], split[..., 1], split[..., 2]
        weights = was if average == "weighted" else (was > 0).astype(np.float64)
        return ratio((score(right, said, was) * weights).sum(axis=-1), weights.sum(axis=-1))

    return combine


def cost_metric(costs: Costs) -> SumMetric:
    """The mean cost of a row by the owner's costs."""

    def of_rows(rows: Scored) -> Array:
        return np.asarray(np.array(costs.matrix(rows.labels))[rows.truth, rows.decided])

    return SumMetric("cost", False, mean_of(of_rows), mean, (-inf, inf))


_SCORES: dict[str, _Score] = {"precision": _precision, "recall": _recall, "f1": _f1}
DECISIONS = (
    SumMetric("accuracy", True, mean_of(_accuracy), mean, (0.0, 1.0)),
    *(
        SumMetric(
            name if average == "macro" else f"{name}_{average}", True, _confusion, _averaged(score, average), (0.0, 1.0)
        )
        for name, score in _SCORES.items()
        for average in ("macro", "micro", "weighted")
    ),
)
