"""Metrics of probabilities: how far they lie from what happened."""

from __future__ import annotations

import numpy as np

from evergreen.metrics.sums import SumMetric, mean, mean_of
from evergreen.tasks.scored import Array, Scored

BINS = 10
"""Bins of equal width that the calibration error looks at."""
_TINY = 1e-15


def _log_loss(rows: Scored) -> Array:
    if rows.shares.ndim == 1:
        right = np.where(rows.truth == 1, rows.shares, 1 - rows.shares)
    else:
        right = rows.shares[np.arange(len(rows)), rows.truth]
    return np.asarray(-np.log(np.clip(right, _TINY, 1.0)))


def _brier(rows: Scored) -> Array:
    """Multiclass: the sum over classes, so between 0 and 2, as scikit-learn has it."""
    if rows.shares.ndim == 1:
        return np.asarray((rows.shares - rows.truth) ** 2)
    right = rows.shares[np.arange(len(rows)), rows.truth]
    return np.asarray((rows.shares**2).sum(axis=1) - 2 * right + 1)


def confidence(rows: Scored) -> tuple[Array, Array]:
    """What a row's probability says and whether it came true. Binary: of the positive class; else of the likeliest."""
    if rows.shares.ndim == 1:
        return rows.shares, (rows.truth == 1).astype(np.float64)
    likeliest = rows.shares.argmax(axis=1)
    return rows.shares.max(axis=1), (likeliest == rows.truth).astype(np.float64)


def bin_of(said: Array) -> Array:
    """The bin of each probability: 0…BINS − 1, of equal width."""
    return np.clip((said * BINS).astype(np.int64), 0, BINS - 1)


def _gaps(rows: Scored, blocks: Array, number: int) -> Array:
    """Of each block: what was said less what happened in each bin, and the number of rows."""
    said, happened = confidence(rows)
    cell = blocks * BINS + bin_of(said)
    gaps = np.bincount(cell, weights=said - happened, minlength=number * BINS).reshape(number, BINS)
    return np.column_stack([gaps, np.bincount(blocks, minlength=number)])


def _calibration_error(sums: Array) -> Array:
    return mean(np.stack([np.abs(sums[..., :BINS]).sum(axis=-1), sums[..., BINS]], axis=-1))


CALIBRATION_ERROR = SumMetric("calibration_error", False, _gaps, _calibration_error, (0.0, 1.0))
"""Expected calibration error: the mean over rows of |said − happened| in their bin (Naeini, Cooper, Hauskrecht:
Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015). Small samples make it too large."""
PROBABILITIES = (
    SumMetric("log_loss", False, mean_of(_log_loss), mean),
    SumMetric("brier", False, mean_of(_brier), mean),
    CALIBRATION_ERROR,
)
