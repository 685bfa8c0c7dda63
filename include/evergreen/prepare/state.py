"""A source state in memory: all distinct versions of its rows, and which one a reader sees when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from .. import hashing
from ..errors import PermanentError
from ..spec import UseCase
from ..table import AVAILABLE_AT, DATA_TIME, HASH, KEY, TIME, read_parts

NEW, ORDER, ON = "_new", "_order", "_on"
FOREVER = 2**62
"""Microseconds since 1970 that no cutoff reaches."""


def read_state(use_case: UseCase, source: str, parts: Sequence[Path], new: Iterable[Path] = ()) -> pl.DataFrame:
    """Every row version of a source, oldest first by the source's order.

    Columns: the parts' own, `_order` (position in that order, 0 …) and `_new` (the version lies in one of `new`). A
    source that has brought nothing yet gives a frame without columns.
    """
    spec, fresh = use_case.sources[source], set(new)
    frames = {flag: [path for path in parts if (path in fresh) == flag] for flag in (False, True)}
    read = [read_parts(paths).with_columns(pl.lit(flag).alias(NEW)) for flag, paths in frames.items() if paths]
    if not read:
        return pl.DataFrame()
    state = pl.concat(read, how="diagonal_relaxed")
    for column in (spec.order_by, *use_case.key) if source in (use_case.base, use_case.outcome) else (spec.order_by,):
        if column is not None and column not in state.columns:
            raise PermanentError(f"source {source} has no column `{column}`, which its order or key needs")
    if source in (use_case.base, use_case.outcome) and tuple(spec.key) != tuple(use_case.key):
        # one key text for base and outcome, whatever the order their keys are written in
        state = state.with_columns(hashing.key_texts(state, use_case.key).alias(KEY))
    order = [spec.order_by] if spec.order_by else []
    return (
        state.with_columns(pl.col(AVAILABLE_AT).cast(TIME).fill_null(pl.col(DATA_TIME)))
        .sort(*order, *([] if order else [DATA_TIME]), HASH, DATA_TIME, KEY, nulls_last=False)
        .with_row_index(ORDER)
        .with_columns(pl.col(ORDER).cast(pl.Int64))
    )


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
