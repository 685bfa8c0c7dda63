"""The gate window taken apart: both models by day or week, and by the values of a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from evergreen.evaluation.window import Window
from evergreen.metrics.slices import slices
from evergreen.table import AT

MOST_DAYS = 31
"""A longer window is told week by week."""
_LEAST_ROWS = 30
_SHOWN = 12


@dataclass(frozen=True)
class Part:
    """Some rows of the window and both models' metric on them; NaN where it is not defined."""

    name: str
    rows: int
    challenger: float
    champion: float


def by_time(window: Window) -> list[Part]:
    """Each day, in order, or each week (by its Monday) of a window of more than MOST_DAYS days; none without time."""
    if AT not in window.rows.columns or window.rows[AT].null_count() == window.rows.height:
        return []
    days = window.rows[AT].dt.date()
    if days.n_unique() > MOST_DAYS:
        days = days.dt.truncate("1w")
    found = days.drop_nulls().unique().sort()
    return [_part(window, str(day), np.flatnonzero((days == day).fill_null(value=False).to_numpy())) for day in found]


def by_slice(window: Window, column: str) -> list[Part]:
    """The largest values of a column that have at least 30 rows."""
    if column not in window.rows.columns:
        return []
    found, _ = slices(window.rows[column], _LEAST_ROWS)
    return [_part(window, name, rows) for name, rows in found[:_SHOWN]]


def sliced_by(window: Window) -> list[str]:
    """The columns that the owner wants to be looked at apart."""
    promotion = window.use_case.promotion
    named = [*promotion.slices, *([promotion.fairness.column] if promotion.fairness else [])]
    return list(dict.fromkeys(named))


def _part(window: Window, name: str, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Part:
    metric = window.metric
    return Part(name, len(rows), metric.value(window.challenger.rows(rows)), metric.value(window.champion.rows(rows)))


def rows_of(use_case_rows: pl.DataFrame, most: int, seed: int) -> pl.DataFrame:
    """At most `most` rows, drawn at random, in their order."""
    if use_case_rows.height <= most:
        return use_case_rows
    chosen = np.random.default_rng(seed).choice(use_case_rows.height, most, replace=False)
    return use_case_rows[np.sort(chosen)]
