"""Asking a model something on purpose: made-up rows, raised columns, and its answers as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from evergreen.errors import bounded
from evergreen.features.errors import WrongColumns
from evergreen.features.predictor import Predictor
from evergreen.features.schema import Column

_TYPES: dict[str, Any] = {"int": pl.Int64, "float": pl.Float64, "string": pl.String, "bool": pl.Boolean}
_TIME = pl.Datetime("us", "UTC")


def raised(rows: pl.DataFrame, column: str, by: float) -> pl.DataFrame | None:
    """The rows with a number, or a time in seconds, raised; None where the column is neither."""
    kind = rows[column].dtype
    if isinstance(kind, pl.Datetime | pl.Date):
        return rows.with_columns(pl.col(column).cast(_TIME) + pl.duration(microseconds=round(by * 1e6)))
    if not kind.is_numeric():
        return None
    return rows.with_columns(pl.col(column) + (int(by) if kind.is_integer() and by.is_integer() else by))


def row_of(schema: tuple[Column, ...], said: dict[str, Any]) -> pl.DataFrame:
    """One row of the owner's values as the columns' types; what is left out and may be missing is null.

    Raises WrongColumns for a column that the model has not, and Polars' errors where a value is not of its type.
    """
    unknown = sorted(name for name in said if name not in {column.name for column in schema})
    if unknown:
        raise WrongColumns(f"the model has no column {bounded(unknown)}")
    columns = []
    for column in schema:
        value = said.get(column.name)
        if column.name not in said and column.required:
            continue  # `predict` says which are missing
        kind = _TYPES.get(column.type, _TIME)
        if column.type == "datetime":
            columns.append(_moment(column.name, value))
        else:
            columns.append(pl.Series(column.name, [value], dtype=pl.String if kind == pl.String else None).cast(kind))
    return pl.DataFrame(columns)


def _moment(name: str, value: Any) -> pl.Series:
    text = None if value is None else str(value)
    return pl.Series(name, [text], dtype=pl.String).str.to_datetime(time_unit="us", time_zone="UTC")


def answers(predictor: Predictor, rows: pl.DataFrame, of: object) -> np.ndarray[Any, Any]:
    """What is said of each row, n × 1: the positive class's probability, the number, or that of class `of` (n × k
    without it).
    """
    said = predictor.predict(rows)
    names = predictor.task.number_columns(predictor.classes, of)
    if any(name not in said.columns for name in names):
        raise WrongColumns(f"the model has no class `{of}`; correct `promotion.behaviour`")
    return np.asarray(said.select(names).cast(pl.Float64).to_numpy())
