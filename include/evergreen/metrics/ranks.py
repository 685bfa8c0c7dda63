"""Metrics of an ordering: the areas under the ROC and the precision-recall curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .scored import Array, Scored

_CHUNK = 4_000_000
"""Numbers worked on at once: bounds memory whatever the rows and resamples."""
_FEW_BLOCKS = 100


@dataclass(frozen=True)
class RankMetric:
    """The area for the positive class; multiclass: the mean over classes, each against the rest."""

    name: str
    higher_is_better: bool
    areas: Callable[[Array, Array, Array, Array], Array]

    def value(self, rows: Scored) -> float:
        """The metric of the rows; NaN where there is only one class."""
        if len(rows) == 0:
            return float("nan")
        return float(self.resampled(rows, np.zeros(len(rows), dtype=np.int64), np.ones((1, 1)))[0])

    def resampled(self, rows: Scored, blocks: Array, counts: Array) -> Array:
        """The metric of each resample: `counts` (B × J) says how often each block is drawn."""
        if rows.shares.ndim == 1:
            return self.areas(rows.truth == 1, rows.shares, blocks, counts)
        each = [
            self.areas(rows.truth == code, rows.shares[:, code], blocks, counts)
            for code in range(rows.shares.shape[1])
            if (rows.truth == code).any()
        ]
        return np.mean(each, axis=0) if each else np.full(len(counts), np.nan)


def _roc(truth: Array, score: Array, blocks: Array, counts: Array) -> Array:
    """Area under ROC. With few blocks from the wins between each two of them, else from weighted cumulative sums."""
    if counts.shape[1] <= _FEW_BLOCKS:
        wins, positives, negatives = _wins(truth, score, blocks, counts.shape[1])
        won = np.einsum("bi,ij,bj->b", counts, wins, counts, optimize=True)
        pairs = (counts @ positives) * (counts @ negatives)
        return _divide(won, pairs)
    return _over_weights(truth, score, blocks, counts, _roc_of_weights)


def _wins(truth: Array, score: Array, blocks: Array, number: int) -> tuple[Array, Array, Array]:
    """`wins[i, j]`: pairs of a positive in block i ranked above a negative in block j; ties count half."""
    positive_scores, positive_blocks = score[truth], blocks[truth]
    wins = np.zeros((number, number))
    for block in range(number):
        negatives = np.sort(score[~truth & (blocks == block)])
        if len(negatives):
            below = np.searchsorted(negatives, positive_scores, side="left")
            upto = np.searchsorted(negatives, positive_scores, side="right")
            wins[:, block] = np.bincount(positive_blocks, weights=(below + upto) / 2, minlength=number)
    positives = np.bincount(positive_blocks, minlength=number).astype(np.float64)
    return wins, positives, np.bincount(blocks[~truth], minlength=number).astype(np.float64)


def _precision(truth: Array, score: Array, blocks: Array, counts: Array) -> Array:
    """Average precision: the step-wise area under the precision-recall curve."""
    return _over_weights(truth, score, blocks, counts, _precision_of_weights)


def _over_weights(
    truth: Array, score: Array, blocks: Array, counts: Array, area: Callable[[Array, Array], Array]
) -> Array:
    """`area(positives, negatives)` of the weights at each distinct score, highest first, B × distinct at a time."""
    order = np.argsort(-score, kind="stable")
    truth, score, blocks = truth[order], score[order], blocks[order]
    starts = np.flatnonzero(np.r_[True, score[1:] != score[:-1]])
    step = max(1, _CHUNK // max(1, len(score)))
    found = []
    for first in range(0, len(counts), step):
        weights = counts[first : first + step][:, blocks].astype(np.float64)
        positives = np.add.reduceat(weights * truth, starts, axis=1)
        everything = np.add.reduceat(weights, starts, axis=1)
        found.append(area(positives, everything - positives))
    return np.concatenate(found)


def _roc_of_weights(positives: Array, negatives: Array) -> Array:
    above = np.cumsum(positives, axis=1) - positives
    won = (negatives * (above + positives / 2)).sum(axis=1)
    return _divide(won, positives.sum(axis=1) * negatives.sum(axis=1))


def _precision_of_weights(positives: Array, negatives: Array) -> Array:
    found = np.cumsum(positives, axis=1)
    looked_at = found + np.cumsum(negatives, axis=1)
    precision = np.divide(found, looked_at, out=np.zeros_like(found), where=looked_at > 0)
    return _divide((precision * positives).sum(axis=1), positives.sum(axis=1))


def _divide(top: Array, bottom: Array) -> Array:
    found: Array = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
    return found


RANKS = (RankMetric("roc_auc", True, _roc), RankMetric("pr_auc", True, _precision))
