"""What a request's row has to look like, and turning JSON rows into a frame of that shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from evergreen.columns import kind_named

MOST_ERRORS = 20
"""At most so many errors are named in one answer."""

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request's row. `type`: the name of a kind of column."""

    name: str
    type: str
    nullable: bool
    required: bool


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of one row; never the value."""

    row: int
    field: str
    error: str


class InvalidRowsError(Exception):
    """Some rows do not fit; `errors` names them."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(f"{len(errors)} fields do not fit")
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one row, by name."""

    fields: Mapping[str, Field]

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of one row."""
        return {
            "type": "object",
            "properties": {
                field.name: kind_named(field.type).json_schema(nullable=field.nullable)
                for field in self.fields.values()
            },
            "required": [field.name for field in self.fields.values() if field.required],
            "additionalProperties": False,
        }

    def frame(self, rows: Sequence[Mapping[str, Any]], numbers: Sequence[int]) -> pl.DataFrame:
        """The rows as a frame with every field's column (null where an optional one is left out).

        `numbers` are the rows' positions in the request. Raises InvalidRowsError naming row and field.
        """
        errors: list[FieldError] = []
        for number, row in zip(numbers, rows, strict=True):
            errors += [
                FieldError(number, _readable(name), "unknown field") for name in sorted(row.keys() - self.fields)
            ]
        columns = {name: self._column(field, rows, numbers, errors) for name, field in self.fields.items()}
        if errors:
            raise InvalidRowsError(sorted(errors, key=lambda error: error.row))
        return pl.DataFrame(columns)

    @staticmethod
    def _column(
        field: Field, rows: Sequence[Mapping[str, Any]], numbers: Sequence[int], errors: list[FieldError]
    ) -> pl.Series:
        values: list[Any] = []
        kind = kind_named(field.type)
        read = kind.read
        for number, row in zip(numbers, rows, strict=True):
            value = row.get(field.name, _MISSING)
            if value is _MISSING:
                if field.required:
                    errors.append(FieldError(number, field.name, "missing field"))
                value = None
            elif value is None:
                if not field.nullable:
                    errors.append(FieldError(number, field.name, "must not be null"))
            else:
                try:
                    value = read(value)
                except (ValueError, OverflowError) as error:
                    errors.append(FieldError(number, field.name, str(error)))
                    value = None
            values.append(value)
        return pl.Series(field.name, values, dtype=kind.dtype)


def _readable(name: str) -> str:
    """A field's name as it may be sent back: short, and without characters that UTF-8 has no place for."""
    return name[:60].encode("utf-8", "replace").decode()
