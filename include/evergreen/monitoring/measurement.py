"""What one look at the active model found; it goes through JSON into the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from evergreen.artifacts import Artifact, Reason, Utc, told


class ColumnDrift(Artifact):
    """How far one feature's values have moved from the rows the model learned from.

    `drifted` is the verdict on the values that are there (Evidently's rule: value ≥ threshold); None: too few values on
    a side. Missing values are left out of it, as Evidently does, and judged by `missing_drifted`.
    """

    column: str
    kind: Literal["numeric", "categorical"]
    method: str
    value: float | None
    threshold: float
    drifted: bool | None
    evidently: float | None = None
    """Evidently's own value on its sample, where a report was drawn; equal to `value` where the sample is all rows."""
    missing_reference: float
    """Share of rows without a value, 0 to 1."""
    missing_current: float
    missing_drifted: bool
    """PSI of (missing, present) is at least 0.2: say a join that has stopped finding its rows."""


class MeasuredPerformance(Artifact):
    """A metric over labelled predictions, and the interval it lies in at `confidence` (block bootstrap).

    `value` is None where it can't be said: too few rows, or a single class.
    """

    metric: str
    rows: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95


class Measurement(Artifact):
    """One window of a use case: drift, performance, and whether either is a violation.

    `violation` is `drift_violation` or `performance_violation`; each of those is None where it could not be judged, and
    a violation is only one that was judged. `reasons` say every check in words, also those that passed.
    """

    use_case: str
    as_of: Utc
    window: tuple[Utc, Utc] | None
    """Of the current rows: after the first moment, up to and with the second; None without time. Predictions are judged
    of a window as long that ends `mature_after` earlier.
    """
    reference_rows: int
    current_rows: int
    columns: tuple[ColumnDrift, ...]
    not_compared: tuple[str, ...] = ()
    """Features that are neither numbers nor categories (times move by themselves)."""
    performance: MeasuredPerformance
    """Over all labelled predictions, served and replayed."""
    served: MeasuredPerformance
    replayed: MeasuredPerformance
    """Predictions filled in afterwards for rows that were never scored."""
    unlabelled_rows: int
    closed_rows: int = 0
    """Of these, those that will get no label any more, by `target.never_after`."""
    reference_metric: float | None
    drop: float | None
    """How far the metric fell below what the gate saw, in its own direction: above 0 is worse."""
    features_mismatch: int
    """Labelled rows whose features are no longer what was scored."""
    features_compared: int
    drift_violation: bool | None
    performance_violation: bool | None
    violation: bool
    report: Path | None = None
    """Evidently's HTML report, where it was drawn."""
    reasons: tuple[Reason, ...]

    @property
    def line(self) -> str:
        """Whether there is a violation and why, e.g. `Violation: no. `log_loss` is …`. All checks are in `reasons`."""
        judged = [reason for reason in self.reasons if reason.check in {"drift", "missing", "performance"}]
        deciding = [r for r in judged if r.passed is False] or [r for r in judged if r.check == "performance"]
        known = self.drift_violation is not None or self.performance_violation is not None
        answer = "yes" if self.violation else "no" if known else "can't be judged yet"
        return f"Violation: {answer}. {told(deciding)}".rstrip()
