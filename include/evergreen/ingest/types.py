"""Column types: their names, how a source's own types become ours, and casting that says which values do not fit.

Rows are kept with few types (whole numbers Int64, numbers Float64, times Datetime("us", "UTC")), so that a source that
changes between close relatives, such as int32 and int64, does not change the data. A time without a zone is UTC.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from evergreen.table import TIME, time_of_text

_SPEC_TYPES: dict[str, pl.DataType] = {
    "int64": pl.Int64(),
    "float64": pl.Float64(),
    "string": pl.String(),
    "bool": pl.Boolean(),
    "datetime": TIME,
    "date": pl.Date(),
}
_NAMED: dict[str, pl.DataType] = {str(kind): kind for kind in _SPEC_TYPES.values()}
_WHOLE = r"^-?(?:0|[1-9]\d{0,17})$"
_NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
_ZEROS = r"^[+-]?0\d"
_NO_NUMBER = rf"{_ZEROS}|^[+-]?\d{{19,}}$"


def spec_type(name: str) -> pl.DataType:
    """The Polars type of a `types:` entry in the YAML."""
    return _SPEC_TYPES[name]


def known_types(columns: Mapping[str, str] | None) -> dict[str, pl.DataType]:
    """The types a manifest's schema names; a column that has only been null so far has none yet."""
    return {column: _NAMED[name] for column, name in (columns or {}).items() if name in _NAMED}


def type_names(schema: Mapping[str, pl.DataType]) -> dict[str, str]:
    """Column to type name, as the manifest keeps it."""
    return {column: str(kind) for column, kind in schema.items()}


def plain_type(kind: pl.DataType) -> pl.DataType:
    """The type that columns of type `kind` are kept with."""
    if kind.is_integer():
        return pl.Int64()
    if kind.is_float() or kind.is_decimal():
        return pl.Float64()
    if isinstance(kind, pl.Datetime):
        return TIME
    if isinstance(kind, pl.Categorical | pl.Enum | pl.Time | pl.Binary | pl.Object):
        return pl.String()
    return kind


def is_whole(kind: pl.DataType) -> bool:
    """Whether it is a type of exact numbers without digits after the point."""
    return isinstance(kind, pl.Decimal) and kind.scale == 0


def cast(name: str, kind: pl.DataType, to: pl.DataType) -> pl.Expr:
    """Column `name`, of type `kind`, as type `to`; a value that does not fit becomes null."""
    return _cast(pl.col(name), kind, to).alias(name)


def _cast(column: pl.Expr, kind: pl.DataType, to: pl.DataType) -> pl.Expr:
    if kind in (to, pl.Null()):
        return column.cast(to)
    if to == pl.String:
        return _to_text(column, kind)
    if isinstance(to, pl.Datetime):
        return _to_time(column, kind)
    if to == pl.Date:
        text = kind == pl.String
        return column.str.to_date("%Y-%m-%d", strict=False) if text else _to_time(column, kind).dt.date()
    if to == pl.Boolean:
        return _to_boolean(column, kind)
    if kind.is_temporal() or (kind == pl.Boolean and to.is_numeric()):
        return pl.lit(None, dtype=to)
    if to == pl.Int64 and not kind.is_integer():
        number = column.cast(pl.Float64, strict=False)
        whole = pl.when(number.is_finite() & (number == number.round(0)) & (number.abs() < 2**53)).then(number)
        digits = kind == pl.String or is_whole(kind)
        exact = column.cast(pl.Int64, strict=False) if digits else pl.lit(None, dtype=pl.Int64)
        return pl.coalesce(exact, whole.cast(pl.Int64, strict=False))
    return column.cast(to, strict=False)


def infer_text(column: pl.Series) -> pl.DataType:
    """The type a column of text wants to be: Int64, Float64, Boolean, String; Null where every value is missing.

    Digits with leading zeros, or too many for 64 bits, are text: postal codes and long ids would lose some.
    """
    values = column.drop_nulls()
    if values.is_empty():
        return pl.Null()
    if values.str.contains(_WHOLE).all():
        return pl.Int64()
    if values.str.contains(_NUMBER).all() and not values.str.contains(_NO_NUMBER).any():
        return pl.Float64()
    if values.str.contains(r"^(?i:true|false)$").all():
        return pl.Boolean()
    return pl.String()


def leading_zeros(column: pl.Series) -> pl.Series:
    """Which values are texts of digits with leading zeros, which a number would lose."""
    return _matches(column, _ZEROS)


def loses_digits(column: pl.Series) -> pl.Series:
    """Which values are texts of digits that a number would not give back: leading zeros, or too many for 64 bits."""
    return _matches(column, _NO_NUMBER)


def _matches(column: pl.Series, pattern: str) -> pl.Series:
    if column.dtype != pl.String:
        return pl.repeat(False, len(column), eager=True)
    return column.str.contains(pattern).fill_null(False)


def _to_text(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    if isinstance(kind, pl.Datetime):
        return _to_time(column, kind).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    if kind == pl.Binary:
        return column.bin.encode("hex")
    if kind.is_float():
        whole = column.is_finite() & (column == column.round(0)) & (column.abs() < 2**53)
        return (
            pl.when(whole).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
        )
    return column.cast(pl.String, strict=False)


def _to_boolean(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    text = column.str.to_lowercase() if kind == pl.String else _to_text(column, kind)
    return pl.when(text.is_in(["true", "t", "1"])).then(True).when(text.is_in(["false", "f", "0"])).then(False)


def _to_time(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    if isinstance(kind, pl.Datetime):
        return (
            column.dt.replace_time_zone("UTC") if kind.time_zone is None else column.dt.convert_time_zone("UTC")
        ).cast(TIME)
    if kind == pl.Date:
        return column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if kind != pl.String:
        return pl.lit(None, dtype=TIME)
    return time_of_text(column)
