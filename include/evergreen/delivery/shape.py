"""What a request's row has to look like, and turning JSON rows into a frame of that shape."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from evergreen.table import TIME

MOST_ERRORS = 20
"""At most so many errors are named in one answer."""

_MISSING = object()
_DTYPES: dict[str, pl.DataType] = {
    "int": pl.Int64(),
    "float": pl.Float64(),
    "string": pl.String(),
    "bool": pl.Boolean(),
    "datetime": TIME,
    "date": pl.Date(),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request's row. `type`: int, float, string, bool, datetime or date."""

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
            "properties": {field.name: _json_type(field) for field in self.fields.values()},
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
        read = _READERS[field.type]
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
        return pl.Series(field.name, values, dtype=_DTYPES[field.type])


def _readable(name: str) -> str:
    """A field's name as it may be sent back: short, and without characters that UTF-8 has no place for."""
    return name[:60].encode("utf-8", "replace").decode()


def kind_of(polars_type: str) -> str:
    """The field type of a Polars type's name, e.g. `Int64` → int. Types JSON has no word for are read as text."""
    name = polars_type.partition("(")[0]
    if name.startswith(("Int", "UInt")):
        return "int"
    if name.startswith(("Float", "Decimal")):
        return "float"
    return {"Boolean": "bool", "Datetime": "datetime", "Date": "date"}.get(name, "string")


def _json_type(field: Field) -> dict[str, Any]:
    name = {"int": "integer", "float": "number", "bool": "boolean"}.get(field.type, "string")
    schema: dict[str, Any] = {"type": [name, "null"] if field.nullable else name}
    if field.type in ("datetime", "date"):
        schema["format"] = "date-time" if field.type == "datetime" else "date"
    return schema


def _int(value: Any) -> int:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole:
        raise ValueError("expected a whole number")
    if not -(2**63) <= value < 2**63:
        raise ValueError("expected a whole number of at most 64 bits")
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("expected a number")  # noqa: TRY004
    try:
        number = float(value)
    except OverflowError:
        raise ValueError("expected a number of at most 64 bits") from None
    if not math.isfinite(number):
        raise ValueError("expected a finite number")
    return number


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a string")  # noqa: TRY004
    if "\0" in value or (not value.isprintable() and any("\ud800" <= character <= "\udfff" for character in value)):
        raise ValueError("expected a string of valid characters")
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")  # noqa: TRY004
    return value


def _datetime(value: Any) -> datetime:
    expected = "expected an ISO 8601 date and time, e.g. 2013-03-01T06:30:00Z"
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(expected) from None


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("expected an ISO 8601 date, e.g. 2013-03-01") from None


_READERS = {"int": _int, "float": _float, "string": _string, "bool": _bool, "datetime": _datetime, "date": _date}
