"""Whether the challenger answers one row fast enough."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import polars as pl

from evergreen.artifacts import Reason
from evergreen.features.predictor import Predictor
from evergreen.spec import UseCase

Timer = Callable[[Predictor, pl.DataFrame], float]
"""Seconds that one row takes, at the median over `rows`."""
_ROWS, _WARM = 40, 3


def median_seconds(predictor: Predictor, rows: pl.DataFrame) -> float:
    """Measured here and now, one row at a time, after a short warm-up."""
    step = max(1, rows.height // _ROWS)
    singles = [rows[index] for index in range(0, rows.height, step)][:_ROWS]
    for row in singles[:_WARM]:
        predictor.predict(row)
    taken = []
    for row in singles:
        started = time.perf_counter()
        predictor.predict(row)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def judge_latency(use_case: UseCase, predictor: Predictor, rows: pl.DataFrame, timer: Timer) -> list[Reason]:
    """The median time of a one-row prediction against `max_latency`."""
    limit = use_case.promotion.max_latency
    if limit is None or rows.is_empty():
        return []
    seconds, most = timer(predictor, rows), limit.total_seconds()
    text = f"One row takes {seconds * 1000:.2f} ms at the median; {most * 1000:g} ms are allowed."
    return [Reason(check="latency", passed=seconds <= most, text=text, value=seconds, limit=most)]
