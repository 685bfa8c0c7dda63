"""Asking a model something on purpose: made-up rows, raised columns, and its answers as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from evergreen.columns import kind_named, kind_of
from evergreen.errors import bounded
from evergreen.features.errors import WrongColumns
from evergreen.features.predictor import Predictor
from evergreen.features.schema import Column


def raised(rows: pl.DataFrame, column: str, by: float) -> pl.DataFrame | None:
    """The rows with a number, or a time in seconds, raised; None where the column is neither."""
    kind = kind_of(rows.schema[column])
    higher = None if kind is None else kind.raised(pl.col(column), by)
    return None if higher is None else rows.with_columns(higher)


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
        columns.append(kind_named(column.type).said(column.name, value))
    return pl.DataFrame(columns)


def answers(predictor: Predictor, rows: pl.DataFrame, of: object) -> np.ndarray[Any, Any]:
    """What is said of each row, n × 1: the positive class's probability, the number, or that of class `of` (n × k
    without it).
    """
    said = predictor.predict(rows)
    names = predictor.task.number_columns(predictor.classes, of)
    if any(name not in said.columns for name in names):
        raise WrongColumns(f"the model has no class `{of}`; correct `promotion.behaviour`")
    return np.asarray(said.select(names).cast(pl.Float64).to_numpy())
