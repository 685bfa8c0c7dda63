"""Bring a source's columns to the types they have to have, and say which rows do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from ..table import TIME
from .errors import SchemaChanged
from .request import Request
from .types import cast, infer_text, plain_type, spec_type


@dataclass(frozen=True, slots=True)
class Fitted:
    """The frame in its final types, and for rows with a value that does not fit: row number to reason."""

    frame: pl.DataFrame
    misfits: dict[int, str]

    @property
    def good(self) -> pl.DataFrame:
        """The rows that fit."""
        if not self.misfits:
            return self.frame
        wrong = pl.Series(list(self.misfits), dtype=pl.UInt32)
        return self.frame.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(wrong.implode()))


Typing = Literal["text", "loose", "strict"]
"""Of a source's own types: there are none (CSV), they go by the values (JSON, Parquet), they are declared (SQL)."""


def fit(frame: pl.DataFrame, request: Request, typing: Typing) -> Fitted:
    """Cast every column: to what `types:` says, a time where used as one, what is known of it, else what it looks like.

    A number column so far whole may turn fractional, except in the key. Personal columns keep the type they came in:
    they are anonymised next.
    """
    wanted = _wanted(frame, request, typing)
    key = set(request.use_case.sources[request.source].key)
    misfits: dict[int, str] = {}
    columns: list[pl.Series] = []
    for column in frame.get_columns():
        to = wanted[column.name]
        done = _cast(column, to)
        wrong = column.is_not_null() & done.is_null()
        if wrong.any() and to == pl.Int64 and column.name not in key:
            wider = _cast(column, pl.Float64())
            if (wrong & wider.is_not_null() & wider.is_finite()).any():
                done, to = wider, pl.Float64()
                wrong = column.is_not_null() & done.is_null()
        for row in wrong.arg_true():
            misfits.setdefault(row, f"column `{column.name}` holds a value that is not {_said(to)}")
        columns.append(done)
    return Fitted(pl.DataFrame(columns), misfits)


def refuse_misfits(fitted: Fitted, request: Request) -> pl.DataFrame:
    """The frame of a source whose columns have types of their own, such as a database: a misfit is a changed type."""
    if fitted.misfits:
        reason = next(iter(fitted.misfits.values()))
        raise SchemaChanged(
            f"{request.where}: {len(fitted.misfits)} rows do not fit what is known of the source: {reason}. "
            f"Say the column's new type under `sources.{request.source}.types`, or repair the source"
        )
    return fitted.frame


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
