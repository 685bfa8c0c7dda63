"""Rows through SQLAlchemy's stream, for databases without a faster way."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.ingest.exact import read_as_text, whole_keys
from evergreen.ingest.records import text_of
from evergreen.ingest.request import Request
from evergreen.table import TIME

if TYPE_CHECKING:
    import sqlalchemy as sa

_ROWS = 50_000


def streamed(connection: sa.Connection, statement: sa.Select[Any], request: Request) -> Generator[pl.DataFrame]:
    """The statement's rows in frames of 50,000 and of one schema; one empty frame when there are none.

    Types are the database's own where it tells them (a table), else what is known of the column, else the type of the
    first value.
    """
    result = connection.execution_options(stream_results=True, max_row_buffer=_ROWS).execute(statement)
    names = list(result.keys())
    told = {column.name: column.type for column in statement.selected_columns if hasattr(column, "name")}
    declared = {name: _declared(kind) for name, kind in told.items()}
    kinds: dict[str, pl.DataType] = {}
    texts: list[str] = []
    for rows in result.partitions(_ROWS):
        columns = list(zip(*rows, strict=True))
        if not kinds:
            for name, values in zip(names, columns, strict=True):
                kinds[name] = declared.get(name) or request.known.get(name) or _guessed(values)
            texts = [name for name, values in zip(names, columns, strict=True) if _exact(name, told, values, request)]
            kinds |= dict.fromkeys(texts, pl.String())
        frame = pl.DataFrame([_series(name, values, kinds[name]) for name, values in zip(names, columns, strict=True)])
        yield whole_keys(frame, texts, request)
    if not kinds:
        yield pl.DataFrame(
            schema={name: declared.get(name) or request.known.get(name) or pl.String() for name in names}
        )


def _exact(name: str, told: Mapping[str, Any], values: Sequence[Any], request: Request) -> bool:
    """Whether a column is one of exact numbers that is to be taken as text."""
    first = next((value for value in values if value is not None), None)
    return isinstance(first, Decimal) and read_as_text(request, name, getattr(told.get(name), "scale", None))


def _declared(kind: Any) -> pl.DataType | None:
    import sqlalchemy as sa

    types: list[tuple[Any, pl.DataType]] = [
        (sa.Boolean, pl.Boolean()),
        (sa.Integer, pl.Int64()),
        (sa.Numeric, pl.Float64()),
        (sa.Float, pl.Float64()),
        (sa.DateTime, TIME),
        (sa.Date, pl.Date()),
        (sa.types.NullType, pl.Null()),
    ]
    found = next((ours for theirs, ours in types if isinstance(kind, theirs)), pl.String())
    return None if found == pl.Null else found


def _guessed(values: Sequence[Any]) -> pl.DataType:
    first = next((value for value in values if value is not None), None)
    if isinstance(first, bool):
        return pl.Boolean()
    if isinstance(first, int):
        return pl.Int64()
    if isinstance(first, datetime):
        return TIME
    if isinstance(first, date):
        return pl.Date()
    return pl.Float64() if hasattr(first, "__float__") else pl.String()


def _series(name: str, values: Sequence[Any], kind: pl.DataType) -> pl.Series:
    if kind == TIME:
        values = [_utc(value) for value in values]
    elif kind == pl.Float64:
        values = [None if value is None else float(value) for value in values]
    elif kind == pl.String:
        values = [f"{value:f}" if isinstance(value, Decimal) else text_of(value) for value in values]
    return pl.Series(name, values, dtype=kind)


def _utc(value: date | None) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
