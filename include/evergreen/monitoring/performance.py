"""How well the active model does on predictions whose labels have come, with an interval."""

from __future__ import annotations

from math import isfinite

import polars as pl

from evergreen.metrics.blocks import block_codes
from evergreen.metrics.bootstrap import estimate
from evergreen.metrics.registry import metric_of
from evergreen.monitoring.drift import MIN_ROWS
from evergreen.monitoring.measurement import MeasuredPerformance
from evergreen.spec import UseCase
from evergreen.tasks.labels import as_stored

REPLAYED = "replayed"


def performance(use_case: UseCase, rows: pl.DataFrame, seed: int = 0) -> MeasuredPerformance:
    """The use case's metric over labelled `rows`, one a key, with its block-bootstrap interval.

    `rows` has `target`, `prediction` (any type or its text), and for classes `probability`, one `probability_<class>` a
    class, or `probabilities` (JSON). Without enough rows, or with a single class, there is no value.
    """
    confidence = use_case.promotion.confidence
    nothing = MeasuredPerformance(metric=use_case.metric, rows=rows.height, confidence=confidence)
    if rows.height < MIN_ROWS:
        return nothing
    metric = metric_of(use_case)
    task, positive = use_case.task, use_case.target.positive
    # the store keeps predictions as text, so classes are compared as Polars writes them: `true`, not `True`
    said = None if positive is None else as_stored(positive)
    pairs = task.scored(task.known(rows["target"]), task.from_store(rows), said)
    codes, number = block_codes(_blocks(use_case, rows))
    found = estimate(metric, pairs, codes, number, seed)
    if not isfinite(found.value):
        return nothing
    low, high = found.interval(confidence)
    return nothing.model_copy(
        update={
            "value": found.value,
            "low": low if isfinite(low) else None,
            "high": high if isfinite(high) else None,
        }
    )


def labelled(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with a target; of a key that was predicted more than once, the last."""
    return rows.filter(pl.col("target").is_not_null()).unique("key", keep="last", maintain_order=True)


def features_mismatch(use_case: UseCase, rows: pl.DataFrame, current: pl.DataFrame) -> tuple[int, int]:
    """Of `rows`, how many have features (`_row`) that differ from what was scored, and how many could be compared.

    `_row` is taken from `rows` where it has it, else from the table rows `current` with the same key.
    """
    if "_row" not in rows.columns:
        from evergreen.hashing import key_texts
        from evergreen.table import ROW

        now = current.select(key_texts(current, use_case.key).alias("key"), pl.col(ROW))
        rows = rows.join(now, on="key", how="inner")
    both = rows.filter(pl.col("_row").is_not_null() & pl.col("features_hash").is_not_null())
    return both.filter(pl.col("_row") != pl.col("features_hash")).height, both.height


def _blocks(use_case: UseCase, rows: pl.DataFrame) -> pl.Series:
    """What errs together, as in the gate: the day of `at`, the row, or a column where `rows` has it."""
    by = use_case.promotion.block
    if by in rows.columns:
        return rows[by]
    if by == "row" or use_case.at is None:
        return pl.Series(range(rows.height))
    days = rows["at"].dt
    return days.truncate("1w").dt.date() if by == "week" else days.date()
