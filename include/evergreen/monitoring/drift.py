"""Drift of every feature, on all rows: one score a column, its verdict, and the verdict on missing values."""

from __future__ import annotations

import numpy as np
import polars as pl

from evergreen.columns import Comparison
from evergreen.monitoring.comparable import Comparable
from evergreen.monitoring.distances import distance, psi_of_shares
from evergreen.monitoring.measurement import ColumnDrift
from evergreen.spec.operation import Drift

MIN_ROWS = 100
"""Fewer values on a side than this say nothing about drift or performance."""

MISSING_THRESHOLD = 0.2
"""PSI of (missing, present) from which a column's missing values have moved; the usual bound for a clear shift."""


def column_drifts(both: Comparable, spec: Drift) -> tuple[ColumnDrift, ...]:
    """One score a feature, in the features' order."""
    return tuple(
        _column(name, kind, both.reference[name], both.current[name], spec) for name, kind in both.kinds.items()
    )


def _column(name: str, kind: Comparison, reference: pl.Series, current: pl.Series, spec: Drift) -> ColumnDrift:
    method = kind.method(spec.method)
    before, now = _missing(reference), _missing(current)
    left, right = reference.drop_nulls(), current.drop_nulls()
    enough = min(left.len(), right.len()) >= MIN_ROWS
    value = distance(method, left, right) if enough else None
    return ColumnDrift(
        column=name,
        kind=kind.name,
        method=method,
        value=value,
        threshold=spec.threshold,
        drifted=None if value is None else value >= spec.threshold,
        missing_reference=before,
        missing_current=now,
        missing_drifted=min(reference.len(), current.len()) >= MIN_ROWS
        and psi_of_shares(np.array([before, 1 - before]), np.array([now, 1 - now])) >= MISSING_THRESHOLD,
    )


def _missing(values: pl.Series) -> float:
    return values.null_count() / values.len() if values.len() else 0.0
