"""The target of each base key, and when its label became known."""

from __future__ import annotations

import polars as pl

from evergreen.prepare.expressions import evaluate, sql_expression
from evergreen.prepare.state import ORDER
from evergreen.spec import UseCase
from evergreen.table import AT, AVAILABLE_AT, BATCH, DATA_TIME, HASH, KEY, KNOWN_AT, TIME

LABEL_HASH = "_label_hash"
_LAST, _CHANGED = "_last", "_changed"


def labels(use_case: UseCase, versions: pl.DataFrame, at: pl.DataFrame, first: str | None) -> pl.DataFrame:
    """Each key's newest target.

    `versions`: all row versions of the outcome (or, without one, the base) of the keys wanted; `at`: `_key` and `_at`
    of the base rows; `first`: the source's first batch, a backfill. Gives `_key`, the target, `_known_at` and
    `_label_hash` (the version it was taken from).

    The label counts as known from the oldest version on since which the target has had its present value: a later
    correction of something else does not make it younger. With no declared `available_at`, rows of the first batch
    count from `at + mature_after`, when that came before the batch.
    """
    untold = use_case.task.label_type(use_case.target.positive)
    name, kept = use_case.target.column, [KEY, use_case.target.column, KNOWN_AT, LABEL_HASH]
    if not versions.columns:
        empty = pl.DataFrame(schema={KEY: pl.String, KNOWN_AT: TIME, LABEL_HASH: pl.String})
        return empty.with_columns(pl.lit(None, untold).alias(name)).select(kept)
    own = [column for column in versions.columns if not column.startswith("_")]
    if use_case.target.expression is not None:
        expression = sql_expression(use_case.target.expression, own, "target.expression")
    else:
        expression = pl.col(name)
    valued = evaluate(versions, expression, name, "target.expression")
    if isinstance(valued.schema[name], pl.Null):
        valued = valued.with_columns(pl.col(name).cast(untold))
    changed = pl.col(name).ne_missing(pl.col(_LAST))
    return (
        valued.select(KEY, name, HASH, ORDER, DATA_TIME, BATCH, AVAILABLE_AT)
        .join(at.select(KEY, AT), on=KEY, how="inner")
        .with_columns(_known(use_case, first).alias(KNOWN_AT))
        .sort(KEY, ORDER)
        .with_columns(pl.col(name).last().over(KEY).alias(_LAST))
        .with_columns(pl.when(changed).then(pl.col(ORDER)).max().over(KEY).fill_null(-1).alias(_CHANGED))
        .filter(pl.col(ORDER) > pl.col(_CHANGED))
        .group_by(KEY)
        .agg(pl.col(name).last(), pl.col(KNOWN_AT).min(), pl.col(HASH).last().alias(LABEL_HASH))
        .with_columns(pl.when(pl.col(name).is_not_null()).then(pl.col(KNOWN_AT)).alias(KNOWN_AT))
        .select(kept)
    )


def first_batch(versions: pl.DataFrame) -> str | None:
    """The batch a source began with; None before there is any."""
    if versions.is_empty():
        return None
    return str(versions.sort(DATA_TIME, BATCH)[BATCH][0])


def _known(use_case: UseCase, first: str | None) -> pl.Expr:
    if use_case.sources[use_case.outcome or use_case.base].available_at is not None:
        return pl.col(AVAILABLE_AT)
    if use_case.at is None:
        return pl.col(DATA_TIME)
    matured = pl.min_horizontal(DATA_TIME, pl.col(AT) + use_case.target.mature_after)
    return pl.when(pl.col(BATCH).eq_missing(pl.lit(first))).then(matured).otherwise(pl.col(DATA_TIME))
