"""Metrics of a regression."""

from __future__ import annotations

from math import inf

import numpy as np

from evergreen.metrics.sums import SumMetric, add_up, mean, mean_of, ratio
from evergreen.tasks.scored import Array, Scored


def _squares(rows: Scored) -> Array:
    return np.asarray((rows.shares - rows.truth) ** 2)


def _distances(rows: Scored) -> Array:
    return np.asarray(np.abs(rows.shares - rows.truth))


def _shares(rows: Scored) -> Array:
    """Distances relative to what happened, never divided by less than the smallest float step."""
    return np.asarray(_distances(rows) / np.maximum(np.abs(rows.truth), np.finfo(np.float64).eps))


def _root(sums: Array) -> Array:
    return np.sqrt(mean(sums))


def _variance_sums(rows: Scored, blocks: Array, number: int) -> Array:
    centre = rows.truth.mean() if len(rows) else 0.0
    truth = rows.truth - centre  # keeps the sums of squares small
    return add_up([_squares(rows), truth, truth**2, np.ones(len(rows))], blocks, number)


def _r2(sums: Array) -> Array:
    error, total, squares, n = (sums[..., i] for i in range(4))
    return 1 - ratio(error, squares - ratio(total**2, n))


def pinball_metric(quantile: float) -> SumMetric:
    """The mean pinball loss of predictions of a quantile (Koenker, Bassett: Regression Quantiles, 1978)."""

    def of_rows(rows: Scored) -> Array:
        short = rows.truth - rows.shares
        return np.maximum(quantile * short, (quantile - 1) * short)

    return SumMetric("pinball", False, mean_of(of_rows), mean)


NUMBERS = (
    SumMetric("rmse", False, mean_of(_squares), _root),
    SumMetric("mse", False, mean_of(_squares), mean),
    SumMetric("mae", False, mean_of(_distances), mean),
    SumMetric("mape", False, mean_of(_shares), mean),
    SumMetric("r2", True, _variance_sums, _r2, (-inf, 1.0)),
)
