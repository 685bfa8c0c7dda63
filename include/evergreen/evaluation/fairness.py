"""Whether every group gets the positive answer about as often."""

from __future__ import annotations

from evergreen.artifacts import Reason
from evergreen.evaluation.window import Window
from evergreen.metrics.slices import slices

LEAST_ROWS = 50


def judge_fairness(window: Window) -> list[Reason]:
    """The lowest group's rate of positive predictions over the highest's, against `min_ratio`. Binary tasks only."""
    rule = window.use_case.promotion.fairness
    if rule is None:
        return []
    check = f"fairness:{rule.column}"
    if not window.use_case.task.has_positive:
        return [
            Reason(
                check=check,
                passed=None,
                text="Groups are compared by positive predictions, which this task does not have.",
            )
        ]
    if rule.column not in window.rows.columns:
        return [
            Reason(
                check=check,
                passed=False,
                text=f"The table has no column `{rule.column}`. Correct `promotion.fairness`.",
            )
        ]
    groups, small = slices(window.rows[rule.column], LEAST_ROWS)
    rates = {name: float(window.challenger.decided[rows].mean()) for name, rows in groups}
    if len(rates) < 2:
        return [
            Reason(check=check, passed=None, text=f"Fewer than two groups of `{rule.column}` have {LEAST_ROWS} rows.")
        ]
    low, high = min(rates, key=lambda name: rates[name]), max(rates, key=lambda name: rates[name])
    ratio = rates[low] / rates[high] if rates[high] > 0 else 1.0
    beside = f" Too small to judge: {small} groups." if small else ""
    text = (
        f"Positive predictions by `{rule.column}`: {low} {rates[low]:.1%}, {high} {rates[high]:.1%}. The ratio is "
        f"{ratio:.2f}; at least {rule.min_ratio:.2f} is needed.{beside}"
    )
    return [Reason(check=check, passed=ratio >= rule.min_ratio, text=text, value=ratio, limit=rule.min_ratio)]
