"""The table's own columns beside the use case's, and which rows may be learned from, judged on and scored.

| column | meaning |
|---|---|
| `_at` | the moment the row is predicted for (UTC); null without time |
| `_cutoff` | up to when the row may know the world; null without `predict` |
| `_provisional` | its cutoff lies after the version's data time: not yet to be trained on or scored |
| `_late` | its base row became available after the cutoff: never trained on or scored |
| `_known_at` | when the label became known; null: not yet |
| `_row` | hash of everything the row says but the target: what was scored must equal what is trained on |
| `_from_<source>` | `_hash` of the source row version that the row was built from |
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from evergreen.spec import UseCase
    from evergreen.spec.sources import AvailableAt

AT, CUTOFF, PROVISIONAL, LATE, KNOWN_AT, ROW = "_at", "_cutoff", "_provisional", "_late", "_known_at", "_row"
FROM = "_from_"
KEY, HASH, AVAILABLE_AT, BATCH, DATA_TIME = "_key", "_hash", "_available_at", "_batch", "_data_time"
"""Columns of a source state beside the source's own: key text, row hash, availability, and which batch brought it."""

TIME = pl.Datetime("us", "UTC")
_ISO = r"^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$"


def time_of_text(column: pl.Expr) -> pl.Expr:
    """ISO texts as UTC times, those without a zone as UTC; any other text becomes null."""
    parts = column.str.extract_groups(_ISO).struct
    zone = parts.field("5").fill_null("Z").str.replace(":", "").str.to_uppercase()
    zone = pl.when(zone == "Z").then(pl.lit("+0000")).when(zone.str.len_chars() == 3).then(zone + "00").otherwise(zone)
    texts = [
        parts.field("1"), pl.lit("T"), parts.field("2").fill_null("00:00"), pl.lit(":"),
        parts.field("3").fill_null("00"), pl.lit("."), parts.field("4").fill_null("0"), zone,
    ]  # fmt: skip
    return pl.concat_str(texts).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", time_zone="UTC", strict=False)


def available_at(declared: AvailableAt | None, kind: pl.DataType) -> pl.Expr:
    """Since when a source's rows could be known; one that does not say counts from its batch, later for sure.

    `kind` is the type of the declared column.
    """
    if declared is None:
        return pl.col(DATA_TIME).alias(AVAILABLE_AT)
    column = pl.col(declared.column)
    said = time_of_text(column) if kind == pl.String else column.cast(TIME)
    delayed = said + declared.delay if declared.delay is not None else said
    return pl.coalesce(delayed, DATA_TIME).alias(AVAILABLE_AT)


def own_columns(columns: Iterable[str]) -> list[str]:
    """The use case's columns, without the ones described above."""
    return [column for column in columns if not column.startswith("_")]


def label_columns(use_case: UseCase) -> frozenset[str]:
    """The base's columns that the target is computed of, where the base brings it. They are known with the label only,
    so the table has them no more than the target's own; the key and the time of prediction are known before.
    """
    text = use_case.target.expression
    if text is None or use_case.outcome is not None:
        return frozenset()
    try:
        named = pl.sql_expr(text).meta.root_names()
    except pl.exceptions.PolarsError:
        return frozenset()  # `prepare` says why it can't be read
    return frozenset(set(named) - {*use_case.key, use_case.at, use_case.target.column})


def usable(table: pl.DataFrame) -> pl.DataFrame:
    """Rows that may be learned from or scored at all: neither provisional nor late."""
    return table.filter(~pl.col(PROVISIONAL) & ~pl.col(LATE))


def mature(table: pl.DataFrame, use_case: UseCase, by: datetime) -> pl.DataFrame:
    """Usable rows whose label was known at `by` and whose `mature_after` had passed by then."""
    known = pl.col(KNOWN_AT).is_not_null() & (pl.col(KNOWN_AT) <= by) & pl.col(use_case.target.column).is_not_null()
    if use_case.at is not None:
        known &= pl.col(AT) + use_case.target.mature_after <= by
    return usable(table).filter(known)


def closed(use_case: UseCase, at: pl.Expr, by: datetime) -> pl.Expr:
    """Whether `never_after` has passed by then for rows predicted `at`: who has no label yet gets none any more."""
    after: timedelta | None = use_case.target.never_after
    return pl.lit(value=False) if after is None or use_case.at is None else at + after <= by
