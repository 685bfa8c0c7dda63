"""What a measurement found, in words, and which of it is a violation."""

from __future__ import annotations

from collections.abc import Sequence

from evergreen.artifacts import Reason
from evergreen.errors import bounded
from evergreen.monitoring.drift import MIN_ROWS
from evergreen.monitoring.measurement import ColumnDrift, MeasuredPerformance
from evergreen.spec import UseCase


def drift_reason(use_case: UseCase, columns: Sequence[ColumnDrift], rows: int) -> Reason:
    """More than the allowed share of the judged features have drifted. None: too few rows to say."""
    spec = use_case.monitoring.drift
    judged = [column for column in columns if column.drifted is not None]
    if not judged:
        text = (
            f"Drift can't be judged on {rows:,} current rows; at least {MIN_ROWS} are needed."
            if rows < MIN_ROWS
            else "No feature has enough values on both sides to judge its drift."
        )
        return Reason(check="drift", passed=None, text=text, limit=spec.share)
    drifted = sorted((c for c in judged if c.drifted), key=lambda c: -(c.value or 0.0))
    share = len(drifted) / len(judged)
    named = bounded(f"`{c.column}` ({c.method} {c.value:.2f})" for c in drifted)
    text = f"{len(drifted)} of {len(judged)} features have drifted" + (f": {named}." if drifted else ".")
    text += f" At or above {spec.threshold:g} is drift" + (f"; {spec.share:.0%} may drift." if spec.share else ".")
    return Reason(check="drift", passed=share <= spec.share, text=text, value=share, limit=spec.share)


def missing_reason(columns: Sequence[ColumnDrift], rows: int) -> Reason:
    """Some feature's share of missing values has moved. None: too few rows to say."""
    if rows < MIN_ROWS:
        return Reason(check="missing", passed=None, text=f"Missing values can't be judged on {rows:,} current rows.")
    moved = [column for column in columns if column.missing_drifted]
    if not moved:
        return Reason(check="missing", passed=True, text="No feature's share of missing values has moved.", value=0)
    named = bounded(f"`{c.column}` ({c.missing_reference:.0%} → {c.missing_current:.0%})" for c in moved)
    return Reason(
        check="missing", passed=False, text=f"Values have gone missing or come back: {named}.", value=len(moved)
    )


def performance_reason(
    use_case: UseCase,
    found: MeasuredPerformance,
    waiting: int,
    never: int,
    reference_metric: float | None,
    drop: float | None,
) -> Reason:
    """The metric has fallen further below what the gate saw than is allowed. None: it can't be compared.

    `waiting`: how many predictions of the window have no label that counts yet; `never`: how many will get none.
    """
    if found.value is None:
        few = f"At least {MIN_ROWS} are needed.{_waiting(use_case, waiting)}"
        why = few if found.rows < MIN_ROWS else "They leave the metric undefined."
        text = f"`{found.metric}` can't be judged on {found.rows:,} labelled predictions. {why}{_never(never)}"
        return Reason(check="performance", passed=None, text=text)
    sure = "" if found.low is None or found.high is None else f" ({found.low:.4f} to {found.high:.4f})"
    said = f"`{found.metric}` is {found.value:.4f}{sure} on {found.rows:,} labelled predictions"
    if reference_metric is None or drop is None:
        text = f"{said}. The gate's value is not known, so it can't be compared.{_never(never)}"
        return Reason(check="performance", passed=None, text=text)
    limit = use_case.monitoring.performance.max_drop.of(reference_metric)
    fine = drop <= limit
    place = f"{abs(drop):.4f} {'worse' if drop > 0 else 'better'} than the gate's {reference_metric:.4f}"
    text = f"{said}, {place}; {limit:.4f} worse is allowed.{_never(never)}"
    return Reason(check="performance", passed=fine, text=text, value=drop, limit=limit)


def _waiting(use_case: UseCase, waiting: int) -> str:
    """Where it is labels that are missing: which key of the YAML says how long they take."""
    if not waiting:
        return ""
    key = "monitoring.window" if use_case.at is None else "target.mature_after"
    return f" {waiting:,} have no label yet; if that stays so, raise `{key}` to how long labels take."


def _never(never: int) -> str:
    return f" {never:,} others got no label within `target.never_after`." if never else ""


def mismatch_reason(different: int, compared: int) -> Reason:
    """Rows whose features are no longer what was scored: they were corrected after the prediction."""
    if compared == 0:
        return Reason(check="features", passed=None, text="No labelled prediction's features could be compared.")
    text = f"{different:,} of {compared:,} labelled rows have other features now than when they were scored."
    return Reason(check="features", passed=different == 0, text=text, value=different, limit=0)
