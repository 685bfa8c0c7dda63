"""Metrics that are a function of sums over rows; a resample of them is one matrix product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .scored import Array, Scored

_TINY = 1e-15


@dataclass(frozen=True)
class SumMetric:
    """`parts` gives n × s numbers a row, `combine` turns their sums (… × s) into the metric (…)."""

    name: str
    higher_is_better: bool
    parts: Callable[[Scored], Array]
    combine: Callable[[Array], Array]

    def value(self, rows: Scored) -> float:
        """The metric of the rows; NaN where it is not defined."""
        return float(self.combine(self.parts(rows).sum(axis=0)))

    def resampled(self, rows: Scored, blocks: Array, counts: Array) -> Array:
        """The metric of each resample: `counts` (B × J) says how often each block is drawn."""
        parts = self.parts(rows)
        per_block = np.zeros((counts.shape[1], parts.shape[1]))
        np.add.at(per_block, blocks, parts)
        return self.combine(counts @ per_block)


def _ratio(top: Array, bottom: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


def _mean(sums: Array) -> Array:
    return _ratio(sums[..., 0], sums[..., 1])


def _with_ones(values: Array) -> Array:
    return np.column_stack([values, np.ones(len(values))])


def _log_loss(rows: Scored) -> Array:
    if rows.shares.ndim == 1:
        right = np.where(rows.truth == 1, rows.shares, 1 - rows.shares)
    else:
        right = rows.shares[np.arange(len(rows)), rows.truth]
    return _with_ones(-np.log(np.clip(right, _TINY, 1.0)))


def _brier(rows: Scored) -> Array:
    return _with_ones((rows.shares - rows.truth) ** 2)


def _accuracy(rows: Scored) -> Array:
    return _with_ones((rows.decided == rows.truth).astype(np.float64))


def _confusion(rows: Scored) -> Array:
    """Of each class whose score counts: true positives, predicted, actual. Binary: the positive class's only."""
    classes = [1] if rows.task == "binary" else range(rows.shares.shape[1])
    parts = []
    for code in classes:
        said, was = rows.decided == code, rows.truth == code
        parts += [said & was, said, was]
    return np.column_stack(parts).astype(np.float64)


def _f1(sums: Array) -> Array:
    split = sums.reshape(*sums.shape[:-1], -1, 3)
    hit, said, was = split[..., 0], split[..., 1], split[..., 2]
    scores = np.where(was > 0, 2 * hit / np.maximum(said + was, 1.0), np.nan)
    present = (was > 0).sum(axis=-1)
    return _ratio(np.nansum(scores, axis=-1), present.astype(np.float64))


def _squares(rows: Scored) -> Array:
    return _with_ones((rows.shares - rows.truth) ** 2)


def _rmse(sums: Array) -> Array:
    return np.sqrt(_mean(sums))


def _distances(rows: Scored) -> Array:
    return _with_ones(np.abs(rows.shares - rows.truth))


def _variance_parts(rows: Scored) -> Array:
    centre = rows.truth.mean() if len(rows) else 0.0
    truth = rows.truth - centre  # keeps the sums of squares small
    return np.column_stack([(rows.shares - rows.truth) ** 2, truth, truth**2, np.ones(len(rows))])


def _r2(sums: Array) -> Array:
    error, total, squares, n = (sums[..., i] for i in range(4))
    spread = squares - _ratio(total**2, n)
    return 1 - _ratio(error, spread)


SUMS = (
    SumMetric("log_loss", False, _log_loss, _mean),
    SumMetric("brier", False, _brier, _mean),
    SumMetric("accuracy", True, _accuracy, _mean),
    SumMetric("f1", True, _confusion, _f1),
    SumMetric("rmse", False, _squares, _rmse),
    SumMetric("mae", False, _distances, _mean),
    SumMetric("r2", True, _variance_parts, _r2),
)
