"""What a model takes: the input columns, their types, and which of them may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from evergreen.columns import kind_named, kind_of
from evergreen.features.errors import WrongColumns


@dataclass(frozen=True, slots=True)
class Column:
    """One input column.

    `type`: the name of its kind; `nullable`: it was null in training rows; `required`: a row without it is refused;
    `format`: how its values are written where they come as text (see `reading`), None: in the usual way.
    """

    name: str
    type: str
    nullable: bool = True
    required: bool = False
    format: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As written in `schema.json`; a format only where there is one."""
        said = asdict(self)
        if self.format is None:
            del said["format"]
        return said


def lost(schema: Sequence[Column], frame: pl.DataFrame) -> tuple[str, ...]:
    """Columns of a model's `schema` that the frame no longer has, or has of another kind. All null fits any kind."""
    return tuple(column.name for column in schema if not _still_there(column, frame))


def _still_there(column: Column, frame: pl.DataFrame) -> bool:
    if column.name not in frame.columns:
        return False
    dtype = frame.schema[column.name]
    kind = kind_of(dtype)
    if isinstance(dtype, pl.Null):
        return True
    return kind is not None and kind_named(column.type).takes(kind)


def describe(frame: pl.DataFrame, columns: tuple[str, ...]) -> tuple[Column, ...]:
    """The schema of `columns` as the training rows have them. Raises WrongColumns for one that can't be a feature."""
    found = []
    for name in columns:
        kind = kind_of(frame.schema[name])
        if kind is None:
            raise WrongColumns(
                f"column `{name}` is of type {frame.schema[name]}, from which no feature can be made; allowed are "
                "numbers, text, booleans and times. Leave it out of `features`, or derive a column under `prepare`."
            )
        nullable = frame[name].null_count() > 0
        found.append(Column(name, kind.name, nullable=nullable, required=not nullable))
    return tuple(found)
