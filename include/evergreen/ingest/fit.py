"""Bring a source's columns to the types they have to have, and say which rows do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from evergreen.ingest.errors import SchemaChanged
from evergreen.ingest.request import Request
from evergreen.ingest.types import cast, infer_text, is_whole, leading_zeros, loses_digits, plain_type, spec_type
from evergreen.table import TIME


@dataclass(frozen=True, slots=True)
class Fitted:
    """The frame in its final types; by row number, why a row has a value that does not fit, or no key."""

    frame: pl.DataFrame
    misfits: dict[int, str]
    keyless: dict[int, str] = field(default_factory=dict)

    @property
    def broken(self) -> dict[int, str]:
        """Row number to reason of all rows that can't be kept."""
        return {**self.keyless, **self.misfits}

    @property
    def good(self) -> pl.DataFrame:
        """The rows that fit."""
        if not self.misfits and not self.keyless:
            return self.frame
        wrong = pl.Series(list(self.broken), dtype=pl.UInt32)
        return self.frame.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(wrong.implode()))


Typing = Literal["text", "loose", "strict"]
"""Of a source's own types: there are none (CSV), they go by the values (JSON, Parquet), they are declared (SQL)."""


def fit(frame: pl.DataFrame, request: Request, typing: Typing) -> Fitted:
    """Cast every column: to what `types:` says, a time where used as one, what is known of it, else what it looks like.

    A number column so far whole may turn fractional, except in the key. Personal columns keep the type they came in:
    they are anonymised next. A row whose key is empty could not be told from others of that kind, so it is not kept.
    Raises SchemaChanged where a column that the use case takes for times holds something else.
    """
    wanted = _wanted(frame, request, typing)
    _refuse_other_than_times(wanted, request)
    spec = request.use_case.sources[request.source]
    misfits: dict[int, str] = {}
    columns: list[pl.Series] = []
    for column in frame.get_columns():
        to = wanted[column.name]
        done = _cast(column, to)
        wrong = column.is_not_null() & done.is_null()
        if to == pl.Int64 and column.dtype == pl.String and column.name not in spec.types:
            wrong |= leading_zeros(column)
        if to == pl.Int64 and column.name not in spec.key and wrong.any():
            done, to, wrong = _widened(column, done, wrong)
        for row in wrong.arg_true():
            misfits.setdefault(row, f"column `{column.name}` holds a value that is not {_said(to)}")
        columns.append(done)
    return Fitted(pl.DataFrame(columns), misfits, _keyless(frame, spec.key))


def refuse_misfits(fitted: Fitted, request: Request) -> None:
    """For a source whose columns have types of their own, such as a database: a misfit is a changed type."""
    if fitted.misfits:
        reason = next(iter(fitted.misfits.values()))
        raise SchemaChanged(
            f"{request.where}: {len(fitted.misfits)} rows do not fit what is known of the source: {reason}. "
            f"Say the column's new type under `sources.{request.source}.types`, or repair the source"
        )


def _keyless(frame: pl.DataFrame, key: Sequence[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for name in key:
        if name in frame.columns and frame[name].null_count():
            for row in frame[name].is_null().arg_true():
                found.setdefault(row, f"column `{name}` is empty, and it is in the key")
    return found


def _widened(column: pl.Series, done: pl.Series, wrong: pl.Series) -> tuple[pl.Series, pl.DataType, pl.Series]:
    """A column of whole numbers as numbers, where a value that did not fit is fractional: its values, type, misfits."""
    wider = _cast(column, pl.Float64())
    fractional = wrong & ~loses_digits(column) & wider.is_finite().fill_null(False)
    if not fractional.any():
        return done, pl.Int64(), wrong
    return wider, pl.Float64(), (column.is_not_null() & wider.is_null()) | (wrong & loses_digits(column))


def _refuse_other_than_times(wanted: Mapping[str, pl.DataType], request: Request) -> None:
    for name in request.use_case.moments(request.source):
        kind = wanted.get(name, pl.Null())
        if kind != pl.Null and not kind.is_temporal():
            raise SchemaChanged(
                f"{request.where}: the use case takes column `{name}` for times, and it holds {kind}. Have the source "
                "say a time (a `query` can make one), or name another column. Where rows were kept with such values "
                "before, give the source a new name"
            )


def _wanted(frame: pl.DataFrame, request: Request, typing: Typing) -> dict[str, pl.DataType]:
    spec = request.use_case.sources[request.source]
    times = set(request.use_case.time_columns(request.source))
    wanted: dict[str, pl.DataType] = {}
    for name, kind in frame.schema.items():
        if name in spec.types:
            wanted[name] = spec_type(spec.types[name])
        elif name in spec.personal:
            wanted[name] = plain_type(kind)
        elif name in times and (kind in (pl.String, pl.Date, pl.Null) or kind.is_temporal()):
            wanted[name] = TIME
        elif name in spec.key and is_whole(kind):
            wanted[name] = pl.Int64()
        elif name in request.known:
            both_numbers = typing == "strict" and kind.is_numeric() and request.known[name].is_numeric()
            wanted[name] = plain_type(kind) if both_numbers else request.known[name]
        elif typing == "text":
            wanted[name] = infer_text(frame[name])
        else:
            wanted[name] = _kept(frame[name]) if typing == "loose" else plain_type(kind)
    return wanted


def _kept(column: pl.Series) -> pl.DataType:
    return pl.Null() if column.null_count() == len(column) else plain_type(column.dtype)


def _cast(column: pl.Series, to: pl.DataType) -> pl.Series:
    if column.dtype == to:
        return column
    if to == pl.Null:
        return pl.Series(column.name, [None] * len(column), dtype=pl.Null)
    return column.to_frame().with_columns(cast(column.name, column.dtype, to))[column.name]


def _said(kind: pl.DataType) -> str:
    names: Mapping[str, str] = {
        "Int64": "a whole number",
        "Float64": "a number",
        "Boolean": "true or false",
        "Date": "a date",
    }
    return "a time" if kind == TIME else names.get(str(kind), f"of type {kind}")
