"""A file's columns with the types they really have, and which of them nothing can be learned from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from evergreen.columns import kind_of
from evergreen.errors import bounded
from evergreen.features.predictor import Predictor
from evergreen.features.reading import NO_NUMBER, read_as, trimmed
from evergreen.features.schema import Column
from evergreen.tabular.errors import UnusableRows
from evergreen.tabular.guessed_types import Reading, reading_of


@dataclass(frozen=True)
class Typed:
    """Rows with real types; `formats`: how columns that came as text are written; `notes`: for a person to know."""

    rows: pl.DataFrame
    formats: dict[str, str]
    notes: tuple[str, ...]


def typed(frame: pl.DataFrame, leave: Iterable[str] = ()) -> Typed:
    """The rows with each column of text read as what it is; columns in `leave` stay as they are."""
    kept, formats, notes = set(leave), dict[str, str](), list[str]()
    found = basic_types(frame)
    for name in found.columns:
        if name in kept or found.schema[name] != pl.String:
            continue
        text = found[name]
        reading = reading_of(text)
        if reading is None:
            continue
        values = read_as(text, reading.kind, reading.format).alias(name)
        found = found.with_columns(values.cast(pl.Int64) if reading.kind == "int" else values)
        if reading.format is not None:
            formats[name] = reading.format
        notes += _said(name, reading)
    for name, kind in found.schema.items():
        if kind.is_float() and (wrong := int((~frame_column(found, name).is_finite()).sum())):
            found = found.with_columns(pl.when(pl.col(name).is_finite()).then(pl.col(name)))
            notes.append(f"`{name}`: {wrong} values that are infinite or no number count as missing")
    return Typed(found, formats, tuple(notes))


def frame_column(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column's values that are there."""
    return frame.get_column(name).drop_nulls()


def basic_types(frame: pl.DataFrame) -> pl.DataFrame:
    """Fixed conversions of types that no feature is made from into some that are: times of day become hours, durations
    seconds, decimals floats, categories text; text loses blanks around it, and what says "no value" becomes null.
    """
    made = []
    for name, kind in frame.schema.items():
        series = frame.get_column(name)
        if isinstance(kind, pl.String | pl.Categorical | pl.Enum):
            made.append(trimmed(series))
        elif isinstance(kind, pl.Decimal):
            made.append(series.cast(pl.Float64))
        elif isinstance(kind, pl.Time):
            made.append(series.cast(pl.Int64) / 3.6e12)
        elif isinstance(kind, pl.Duration):
            made.append(series.dt.total_microseconds() / 1e6)
        else:
            made.append(series)
    return pl.DataFrame(made)


def typed_for(frame: pl.DataFrame, schema: Sequence[Column]) -> Typed:
    """Rows to predict, as a model of `schema` takes them. A text that can't be read as its column's type counts as
    missing, which `notes` says. Raises UnusableRows where most of a column can't be read, or one has another nature.
    """
    found, notes = basic_types(frame), list[str]()
    for column in schema:
        if column.name not in found.columns or column.type == "string":
            continue
        series = found.get_column(column.name)
        if series.dtype != pl.String:
            continue
        said = trimmed(series, NO_NUMBER)
        values = _readable(said, column)
        unread, there = values.null_count() - said.null_count(), said.len() - said.null_count()
        if unread and 2 * unread > there:
            raise UnusableRows(
                f"column `{column.name}`: {unread} of {there} values are no {column.type}, which the model was trained "
                "on; correct the column, or train a model on rows like these"
            )
        if unread:
            notes.append(f"`{column.name}`: {unread} of {there} values are no {column.type} and count as missing")
        found = found.with_columns(values.alias(column.name))
    return Typed(found, {}, tuple(notes))


def _readable(text: pl.Series, column: Column) -> pl.Series:
    """As the model has learned to read the column, or where that fails for all, as another file may write it."""
    values = read_as(text, column.type, column.format or _usual(column))
    if values.null_count() == values.len() and text.null_count() < text.len():
        other = reading_of(text)
        if other is not None and {other.kind, column.type} <= {"int", "float", "bool"} | {column.type}:
            return read_as(text, other.kind, other.format)
    return values


def _usual(column: Column) -> str | None:
    return "%Y-%m-%dT%H:%M:%S%.f" if column.type == "datetime" else None


def with_formats(predictor: Predictor, formats: dict[str, str]) -> Predictor:
    """The same model, knowing how its columns are written as text."""
    schema = tuple(replace(column, format=formats.get(column.name)) for column in predictor.schema)
    return replace(predictor, schema=schema)


def unusable_types(frame: pl.DataFrame) -> dict[str, str]:
    """Columns of a type that no feature is made from, each with the reason."""
    return {
        name: f"of type {kind}, from which no feature is made"
        for name, kind in frame.schema.items()
        if kind_of(kind) is None
    }


def _said(name: str, reading: Reading) -> list[str]:
    lost = f"; {reading.unread} of its values are none and count as missing" if reading.unread else ""
    if reading.kind == "datetime":
        return [f"`{name}` is read as times written `{reading.format}`{lost}"]
    if reading.format is not None or lost:
        comma = " with a decimal comma" if reading.format is not None else ""
        return [f"`{name}` is read as {'truth values' if reading.kind == 'bool' else 'numbers'}{comma}{lost}"]
    return []


def quoted(names: Iterable[str]) -> str:
    """Names for a message."""
    return bounded(f"`{name}`" for name in names)
