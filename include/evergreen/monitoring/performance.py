"""How well the active model does on predictions whose labels have come, with an interval."""

from __future__ import annotations

import json
from math import isfinite

import polars as pl

from evergreen.metrics.bootstrap import estimate
from evergreen.metrics.registry import metric_of
from evergreen.metrics.scored import block_codes, scored
from evergreen.monitoring.drift import MIN_ROWS
from evergreen.monitoring.measurement import Performance
from evergreen.spec import UseCase

REPLAYED = "replayed"


def performance(use_case: UseCase, rows: pl.DataFrame, seed: int = 0) -> Performance:
    """The use case's metric over labelled `rows`, one a key, with its block-bootstrap interval.

    `rows` has `target`, `prediction` (any type or its text), and for classes `probability`, one `probability_<class>` a
    class, or `probabilities` (JSON). Without enough rows, or with a single class, there is no value.
    """
    confidence = use_case.promotion.confidence
    nothing = Performance(metric=use_case.metric, rows=rows.height, confidence=confidence)
    if rows.height < MIN_ROWS:
        return nothing
    metric = metric_of(use_case)
    pairs = scored(use_case.task, _target(use_case, rows), _predictions(use_case, rows), _positive(use_case))
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


def _target(use_case: UseCase, rows: pl.DataFrame) -> pl.Series:
    # the store keeps predictions as text, so classes are compared as Polars writes them: `true`, not `True`
    return rows["target"] if use_case.task == "regression" else rows["target"].cast(pl.String)


def _predictions(use_case: UseCase, rows: pl.DataFrame) -> pl.DataFrame:
    if use_case.task == "regression":
        return rows.select("prediction")
    names = [name for name in rows.columns if name == "probability" or name.startswith("probability_")]
    predictions = rows.select(pl.col("prediction").cast(pl.String), *names)
    if use_case.task == "multiclass" and "probabilities" in rows.columns:
        shares = pl.DataFrame([json.loads(text) for text in rows["probabilities"].to_list()])
        predictions = predictions.select("prediction").hstack(shares.rename(lambda name: f"probability_{name}"))
    return predictions


def _positive(use_case: UseCase) -> str | None:
    positive = use_case.target.positive
    if positive is None:
        return None
    return str(positive).lower() if isinstance(positive, bool) else str(positive)


def _blocks(use_case: UseCase, rows: pl.DataFrame) -> pl.Series:
    """What errs together, as in the gate: the day of `at`, the row, or a column where `rows` has it."""
    by = use_case.promotion.block
    if by in rows.columns:
        return rows[by]
    if by == "row" or use_case.at is None:
        return pl.Series(range(rows.height))
    days = rows["at"].dt
    return days.truncate("1w").dt.date() if by == "week" else days.date()
