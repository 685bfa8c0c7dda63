"""Measure the active model: drift of its features, performance where labels have come, and what is in violation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from evergreen.monitoring.comparable import comparable
from evergreen.monitoring.drift import MIN_ROWS, column_drifts
from evergreen.monitoring.measurement import Measurement
from evergreen.monitoring.reasons import drift_reason, mismatch_reason, missing_reason, performance_reason
from evergreen.monitoring.window import window_bounds
from evergreen.spec import UseCase
from evergreen.table import closed


def measure(
    use_case: UseCase,
    *,
    reference: pl.DataFrame,
    current: pl.DataFrame,
    scored: pl.DataFrame,
    reference_metric: float | None,
    as_of: datetime,
    features: Sequence[str],
    report: Path | None,
    seed: int = 0,
) -> Measurement:
    """Compare the `current` table rows with the `reference` rows the active model learned from, and judge predictions.

    Parameters
    ----------
    use_case
        Says the drift method and its threshold, the allowed drop, the window and the metric.
    reference, current
        Table rows with at least the columns `features`; `current` are the rows of the last window (`in_window`), or
        without time those that came in it.
    scored
        The predictions to judge, joined with their labels: `key`, `at`, `prediction`, `probability` (classes), `target`
        (null: no label yet), `kind`, `features_hash`, and if possible `_row`, the table row's hash now. All of them
        count, so the caller chooses which: those of `judged_bounds`, with labels that count by then.
    reference_metric
        The metric of the active release as the gate saw it; None: not known.
    as_of
        The data time of this look.
    features
        The columns the active model uses.
    report
        Where Evidently's HTML report goes; None: it is not drawn, and Evidently is not imported. Nor is it where a side
        has fewer than 100 rows; `Measurement.report` says whether it was.
    seed
        Of the bootstrap and of the report's sample.

    Raises
    ------
    MonitoringError
        A feature is missing on a side, or is a number on one and text on the other.
    """
    from evergreen.metrics.registry import gain, metric_of
    from evergreen.monitoring.performance import REPLAYED, features_mismatch, labelled, performance

    both = comparable(reference, current, features)
    columns = column_drifts(both, use_case.monitoring.drift)
    rows = labelled(scored)
    overall = performance(use_case, rows, seed)
    drop = None
    if overall.value is not None and reference_metric is not None:
        drop = gain(metric_of(use_case), reference_metric, overall.value)
    different, compared = features_mismatch(use_case, rows, current)
    judged = drift_reason(use_case, columns, current.height)
    missing = missing_reason(columns, current.height)
    without = scored.filter(pl.col("target").is_null())
    unlabelled, never = without.height, without.filter(closed(use_case, pl.col("at"), as_of)).height
    performed = performance_reason(use_case, overall, unlabelled - never, never, reference_metric, drop)
    theirs: dict[str, float] = {}
    if report is not None and min(reference.height, current.height) >= MIN_ROWS:
        from evergreen.monitoring.evidently import write_report

        theirs = write_report(both, use_case.monitoring.drift, report, seed)
        columns = tuple(column.model_copy(update={"evidently": theirs.get(column.column)}) for column in columns)
    drift_violation = _violation(judged.passed, missing.passed)
    performance_violation = _violation(performed.passed)
    return Measurement(
        use_case=use_case.name,
        as_of=as_of,
        window=window_bounds(use_case, as_of) if use_case.at is not None else None,
        reference_rows=reference.height,
        current_rows=current.height,
        columns=columns,
        not_compared=both.not_compared,
        performance=overall,
        served=performance(use_case, rows.filter(pl.col("kind") != REPLAYED), seed),
        replayed=performance(use_case, rows.filter(pl.col("kind") == REPLAYED), seed),
        unlabelled_rows=unlabelled,
        closed_rows=never,
        reference_metric=reference_metric,
        drop=drop,
        features_mismatch=different,
        features_compared=compared,
        drift_violation=drift_violation,
        performance_violation=performance_violation,
        violation=bool(drift_violation or performance_violation),
        report=report if theirs else None,
        reasons=(judged, missing, performed, mismatch_reason(different, compared)),
    )


def _violation(*passed: bool | None) -> bool | None:
    """Any check that failed; None where none of them could be judged."""
    known = [answer for answer in passed if answer is not None]
    return not all(known) if known else None
