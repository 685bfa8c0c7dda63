"""Whether the challenger is clearly worse for some of the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evergreen.artifacts import Reason
from evergreen.errors import bounded
from evergreen.evaluation.gain import LEAST_BLOCKS
from evergreen.evaluation.window import Window
from evergreen.metrics.bootstrap import compare
from evergreen.metrics.estimate import Estimate
from evergreen.metrics.slices import slices

LEAST_ROWS = 50
"""Smaller slices are not judged, and counted."""


@dataclass(frozen=True)
class _Slice:
    column: str
    value: str
    apart: Estimate
    p: float


def judge_slices(window: Window, confidence: float, seed: int) -> list[Reason]:
    """One reason a column of `promotion.slices`: fails where a value of it is significantly worse than before.

    All slices of all columns are one family: Holm's procedure keeps the chance that any of them is called worse without
    being so below 1 − `confidence`. Slices too small to be judged don't decide.
    """
    columns = window.use_case.promotion.slices
    judged: list[_Slice] = []
    small: dict[str, int] = {}
    missing = [column for column in columns if column not in window.rows.columns]
    for column in columns:
        if column not in missing:
            found, small[column] = _judge_column(window, column, seed)
            judged += found
    worse = _holm(judged, 1 - confidence)
    reasons = [_reason(column, judged, worse, small[column]) for column in columns if column not in missing]
    reasons += [
        Reason(
            check=f"slices:{column}",
            passed=False,
            text=f"The table has no column `{column}`. Correct `promotion.slices`.",
        )
        for column in missing
    ]
    return reasons


def _judge_column(window: Window, column: str, seed: int) -> tuple[list[_Slice], int]:
    large, small = slices(window.rows[column], LEAST_ROWS)
    found = []
    for value, rows in large:
        part = window.part(rows)
        apart = compare(part.metric, part.challenger, part.champion, part.blocks, part.number, seed).difference
        p = apart.probability_below(0.0)
        if part.number < LEAST_BLOCKS or not np.isfinite(p):
            small += 1
        else:
            found.append(_Slice(column, value, apart, p))
    return found, small


def _holm(judged: list[_Slice], allowed: float) -> set[int]:
    """Positions of the slices that are significantly worse."""
    order = sorted(range(len(judged)), key=lambda index: judged[index].p)
    worse: set[int] = set()
    for rank, index in enumerate(order):
        if judged[index].p >= allowed / (len(judged) - rank):
            break
        worse.add(index)
    return worse


def _reason(column: str, judged: list[_Slice], worse: set[int], small: int) -> Reason:
    check = f"slices:{column}"
    mine = [one for one in judged if one.column == column]
    beside = f" Too small to judge: {small}." if small else ""
    if not mine:
        return Reason(check=check, passed=None, text=f"No value of `{column}` has enough rows to be judged.{beside}")
    last = min(mine, key=lambda one: one.apart.value)
    bad = [judged[index] for index in sorted(worse) if judged[index].column == column]
    if bad:
        said = bounded(f"{one.value} ({one.apart.value:+.4g})" for one in sorted(bad, key=lambda one: one.p))
        text = f"The challenger is clearly worse for {len(bad)} of {len(mine)} values of `{column}`: {said}.{beside}"
    else:
        lowest = f"{last.value} ({last.apart.value:+.4g})"
        text = (
            f"The challenger is clearly worse for none of {len(mine)} values of `{column}`. The lowest gain is that of "
            f"{lowest}.{beside}"
        )
    return Reason(check=check, passed=not bad, text=text, value=last.apart.value, limit=0.0)
