"""A source state in memory: all distinct versions of its rows, and which one a reader sees when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from evergreen import hashing
from evergreen.errors import PermanentError
from evergreen.parquet import read_rows
from evergreen.spec import UseCase
from evergreen.spec.sources import Source
from evergreen.table import AVAILABLE_AT, DATA_TIME, HASH, KEY, TIME, available_at, time_of_text

NEW, ORDER, ON = "_new", "_order", "_on"
FOREVER = 2**62
"""Microseconds since 1970 that no cutoff reaches."""


def read_state(use_case: UseCase, source: str, parts: Sequence[Path], new: Iterable[Path] = ()) -> pl.DataFrame:
    """Every row version of a source, oldest first by the source's order.

    Columns: the parts' own but dropped ones, `_order` (position in that order, 0 …) and `_new` (the version lies in one
    of `new`). Key texts and availability are as the use case says now, whatever it said when the part was written. A
    source that has brought nothing yet gives a frame without columns.
    """
    if not parts:
        return pl.DataFrame()
    spec, fresh = use_case.sources[source], set(new)
    # one key text for base and outcome, whatever the order their keys are written in
    key = use_case.key if source in (use_case.base, use_case.outcome) else spec.key
    read = [_as_said(spec, key, read_rows(path)).with_columns(pl.lit(path in fresh).alias(NEW)) for path in parts]
    state = pl.concat(read, how="diagonal_relaxed")
    for column in (spec.order_by, *key):
        if column is not None and column not in state.columns:
            raise PermanentError(f"source {source} has no column `{column}`, which its order or key needs")
    order = [_ordering(state, spec.order_by)] if spec.order_by else [pl.col(DATA_TIME)]
    return (
        state.sort(*order, HASH, DATA_TIME, KEY, nulls_last=False)
        .with_row_index(ORDER)
        .with_columns(pl.col(ORDER).cast(pl.Int64))
    )


def _as_said(spec: Source, key: Sequence[str], part: pl.DataFrame) -> pl.DataFrame:
    """A part with key texts and availability by the source's section of the YAML, as far as its columns allow."""
    part = without_dropped(spec, part).with_columns(_available(spec, part))
    return part.with_columns(hashing.key_texts(part, key).alias(KEY)) if key and {*key} <= {*part.columns} else part


def without_dropped(spec: Source, part: pl.DataFrame) -> pl.DataFrame:
    """The part without the personal columns that are to be dropped, which it may have from before it was said."""
    return part.drop([name for name, kind in spec.personal.items() if kind == "drop"], strict=False)


def _available(spec: Source, part: pl.DataFrame) -> pl.Expr:
    if spec.available_at is None:
        return available_at(None, TIME)
    kind = part.schema.get(spec.available_at.column)
    if kind is None or not (kind.is_temporal() or kind in (pl.String, pl.Null)):
        return pl.col(AVAILABLE_AT).cast(TIME).fill_null(pl.col(DATA_TIME))
    return available_at(spec.available_at, kind)


def _ordering(state: pl.DataFrame, column: str) -> pl.Expr:
    """What versions are ordered by: the column's values; texts by the times they say, where all of them say one."""
    if state.schema[column] != pl.String:
        return pl.col(column)
    times = state.select(time_of_text(pl.col(column))).to_series()
    return pl.lit(times) if times.null_count() == state[column].null_count() else pl.col(column)


def newest(versions: pl.DataFrame, by: str = KEY) -> pl.DataFrame:
    """The newest version of each key, in no promised order."""
    if versions.is_empty():
        return versions
    return versions.sort(ORDER).unique(subset=by, keep="last", maintain_order=True)


def on_texts(frame: pl.DataFrame, on: Sequence[str]) -> pl.Series:
    """The joining values as one text a row, whatever their types; null where any of them is: null joins nothing."""
    parts = [hashing.canonical(name, frame.schema[name]) for name in on]
    return frame.select(pl.concat_str(parts, separator="\x1f").cast(pl.String).alias(ON)).to_series()


def as_time(frame: pl.DataFrame, column: str, where: str) -> pl.Expr:
    """`column` as a UTC time. Raises PermanentError when it holds something else."""
    kind = frame.schema[column]
    if isinstance(kind, pl.Datetime):
        return (
            pl.col(column).dt.replace_time_zone("UTC").cast(TIME)
            if kind.time_zone is None
            else pl.col(column).cast(TIME)
        )
    if kind == pl.Date:
        return pl.col(column).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if kind == pl.Null:
        return pl.lit(None, TIME).alias(column)
    raise PermanentError(f"{where}: column `{column}` holds {kind}, not times; set `types: {{{column}: datetime}}`")


def micros(column: str) -> pl.Expr:
    """A UTC time as microseconds since 1970."""
    return pl.col(column).dt.epoch("us")
