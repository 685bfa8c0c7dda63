"""Rows that came as JSON objects, as a frame. What is nested is kept as JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

Record = Mapping[str, Any]
_WHOLE = range(-(2**63), 2**63)


class Columns:
    """Records taken in one after the other and kept by column, so that none of them has to be kept as a whole."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._values: dict[str, list[Any]] = {}
        self._height = 0

    def add(self, record: Record) -> None:
        """Take in one record; a name that it lacks is null in its row."""
        if self._height == 0:
            self._first = list(record)
        for name, value in record.items():
            column = self._values.setdefault(name, [])
            if len(column) < self._height:
                column.extend([None] * (self._height - len(column)))
            column.append(value)
        self._height += 1

    def frame(self) -> pl.DataFrame:
        """One column a name that appeared in any record."""
        for column in self._values.values():
            column.extend([None] * (self._height - len(column)))
        order = column_order(self._first, list(self._values))
        return pl.DataFrame([_column(name, self._values[name]) for name in order])


def records_frame(records: Iterable[Record]) -> pl.DataFrame:
    """One column a name that appears in any record; a name that a record lacks is null in its row."""
    columns = Columns()
    for record in records:
        columns.add(record)
    return columns.frame()


def column_order(first: Sequence[str], all_names: Sequence[str]) -> list[str]:
    """The first record's columns as they come, then the others by name: no order of chance."""
    return [*dict.fromkeys(first), *sorted(set(all_names) - set(first))]


def _column(name: str, values: list[Any]) -> pl.Series:
    """Values of one kind keep it, whole and fractional numbers become numbers, any other mixture becomes text."""
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pl.Series(name, values, dtype=pl.Null)
    if kinds == {str}:
        return pl.Series(name, values, dtype=pl.String)
    if kinds == {bool}:
        return pl.Series(name, values, dtype=pl.Boolean)
    if kinds == {int} and all(value is None or value in _WHOLE for value in values):
        return pl.Series(name, values, dtype=pl.Int64)
    if kinds <= {int, float} and float in kinds:
        return pl.Series(name, [None if value is None else _float(value) for value in values], dtype=pl.Float64)
    return pl.Series(name, [text_of(value) for value in values], dtype=pl.String)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def text_of(value: Any) -> str | None:
    """Any value as text: JSON for what JSON can say, else as it prints."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
