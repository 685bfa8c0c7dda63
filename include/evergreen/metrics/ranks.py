"""Metrics of an ordering: the areas under the ROC and the precision-recall curve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from evergreen.tasks.scored import Array, Scored

LEVELS = 4096
"""Distinct scores that resamples look at: more are taken together, which the spread over resamples does not notice."""
_CHUNK = 4_000_000
"""Numbers worked on at once: bounds memory whatever the rows and resamples."""


@dataclass(frozen=True)
class RankMetric:
    """The area for the positive class. Multiclass: each class against the rest, averaged over the classes that occur
    (`macro`), weighted by their rows, or all rows and classes as one ordering (`micro`).
    """

    name: str
    higher_is_better: bool
    areas: Callable[[Array, Array, Array], Array]
    """B areas: of each block's positives and negatives at each level (J × levels, highest score first), and counts."""
    average: str = "macro"
    bounds: tuple[float, float] = (0.0, 1.0)

    def value(self, rows: Scored) -> float:
        """The metric of the rows, at every distinct score; NaN where there is only one class."""
        return float(self._over(rows, np.zeros(len(rows), dtype=np.int64), np.ones((1, 1)), most=None)[0])

    def resampled(self, rows: Scored, blocks: Array, counts: Array) -> Array:
        """The metric of each resample: `counts` (B × J) says how often each block is drawn."""
        return self._over(rows, blocks, counts, most=LEVELS)

    def _over(self, rows: Scored, blocks: Array, counts: Array, most: int | None) -> Array:
        areas, weights = [], []
        for truth, score, of in self._orderings(rows, blocks):
            positives, negatives = _at_levels(truth, score, of, counts.shape[1], most)
            areas.append(self.areas(positives, negatives, counts))
            weighted = self.average == "weighted"
            weights.append(counts @ positives.sum(axis=1) if weighted else np.ones(len(counts)))
        if not areas:
            return np.full(len(counts), np.nan)
        each, weight = np.array(areas), np.array(weights)
        weight = np.where(np.isfinite(each), weight, 0.0)
        return _divide((np.nan_to_num(each) * weight).sum(axis=0), weight.sum(axis=0))

    def _orderings(self, rows: Scored, blocks: Array) -> Iterator[tuple[Array, Array, Array]]:
        if len(rows) == 0:
            return
        if rows.shares.ndim == 1:
            yield rows.truth == 1, rows.shares, blocks
            return
        classes = rows.shares.shape[1]
        if self.average == "micro":
            truth = rows.truth[:, None] == np.arange(classes)
            yield truth.ravel(), rows.shares.ravel(), np.repeat(blocks, classes)
            return
        for code in range(classes):
            truth = rows.truth == code
            if truth.any():
                yield truth, rows.shares[:, code], blocks


def _at_levels(truth: Array, score: Array, blocks: Array, number: int, most: int | None) -> tuple[Array, Array]:
    """How many positives and negatives each of J blocks has at each level: two of J × levels."""
    level, levels = _levels(truth, score, most)
    cells = blocks * levels + level
    found = (np.bincount(cells[part], minlength=number * levels) for part in (truth, ~truth))
    positives, negatives = (part.reshape(number, levels).astype(np.float64) for part in found)
    return positives, negatives


def _levels(truth: Array, score: Array, most: int | None) -> tuple[Array, int]:
    """Each row's level, 0 the highest score, and their number. Where scores are more than `most`, neighbours share one:
    a third of the levels go by the positives, so that few of them are still told apart, a third by the negatives, and a
    third by their logarithm, since at the top of the order a few negatives decide on precision.
    """
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    distinct = np.cumsum(np.r_[False, ranked[1:] != ranked[:-1]])
    if most is not None and distinct[-1] >= most:
        ends = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True])
        hits = np.cumsum(truth[order])[ends]
        misses = ends + 1 - hits
        measures = (hits, misses, np.log1p(misses))
        above = sum(measure / max(1, measure[-1]) for measure in measures)
        share = np.minimum((above * most / 3).astype(np.int64), most - 1)
        distinct = share[distinct]
        distinct = np.cumsum(np.r_[False, distinct[1:] != distinct[:-1]])
    level = np.empty(len(score), dtype=np.int64)
    level[order] = distinct
    return level, int(distinct[-1]) + 1


def _roc(positives: Array, negatives: Array, counts: Array) -> Array:
    """The share of pairs that are ordered rightly, ties counting half: from the pairs won between each two blocks."""
    below = negatives.sum(axis=1, keepdims=True) - np.cumsum(negatives, axis=1) + negatives / 2
    won = ((counts @ (positives @ below.T)) * counts).sum(axis=1)
    return _divide(won, (counts @ positives.sum(axis=1)) * (counts @ negatives.sum(axis=1)))


def _precision(positives: Array, negatives: Array, counts: Array) -> Array:
    """Average precision: the step-wise area under the precision-recall curve."""
    step = max(1, _CHUNK // positives.shape[1])
    chunks = (counts[first : first + step] for first in range(0, len(counts), step))
    return np.concatenate([_precision_of_weights(drawn @ positives, drawn @ negatives) for drawn in chunks])


def _precision_of_weights(positives: Array, negatives: Array) -> Array:
    found = np.cumsum(positives, axis=1)
    looked_at = found + np.cumsum(negatives, axis=1)
    precision = np.divide(found, looked_at, out=np.zeros_like(found), where=looked_at > 0)
    return _divide((precision * positives).sum(axis=1), positives.sum(axis=1))


def _divide(top: Array, bottom: Array) -> Array:
    found: Array = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
    return found


RANKS = (
    RankMetric("roc_auc", True, _roc),
    RankMetric("roc_auc_micro", True, _roc, "micro"),
    RankMetric("roc_auc_weighted", True, _roc, "weighted"),
    RankMetric("pr_auc", True, _precision),
)
