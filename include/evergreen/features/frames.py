"""The one place where Polars rows become the pandas frame that scikit-learn pipelines take.

Only fixed, row-wise conversions happen here: numbers become float64 (null → NaN, infinite → NaN), booleans 0.0 and 1.0,
text stays text with `MISSING` for null, times become UTC microseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from evergreen.errors import bounded
from evergreen.features.errors import WrongColumns
from evergreen.features.reading import read_as, says_nothing
from evergreen.features.schema import Column

if TYPE_CHECKING:
    import pandas as pd

MISSING = "∅"
"""The category of a missing category."""
_LARGEST = 1e30
"""Trees work in float32: what is larger counts as this."""


def to_pandas(frame: pl.DataFrame, columns: Sequence[Column], texts: frozenset[str]) -> pd.DataFrame:
    """A frame of `columns` in their order; those in `texts` as categories, whatever their type.

    Columns that may be missing are null where the frame lacks them; other columns of the frame are left out. Raises
    WrongColumns where a required column is missing or a value can't be read as its type.
    """
    import pandas as pd

    missing = [column.name for column in columns if column.required and column.name not in frame.columns]
    if missing:
        raise WrongColumns(
            f"the model needs the columns {bounded(missing)}, and the rows do not have them; "
            "score rows of the use case's own table, or train a model on the columns there are"
        )
    arrays = {column.name: _values(frame, column, as_text=column.name in texts) for column in columns}
    return pd.DataFrame(arrays, index=pd.RangeIndex(frame.height), copy=False)


def _values(frame: pl.DataFrame, column: Column, *, as_text: bool) -> np.ndarray[Any, Any]:
    if column.name not in frame.columns:
        series = pl.Series(column.name, [None] * frame.height, dtype=pl.Float64)
    else:
        series = frame.get_column(column.name)
    try:
        if as_text:
            return _text(series, column)
        if series.dtype == pl.String and column.type != "string":
            series = _read(series, column)
        if column.type == "datetime":
            return _time(series)
        return _number(series)
    except pl.exceptions.PolarsError:
        raise WrongColumns(
            f"column `{column.name}` has values that are no {column.type}; the model was trained on {column.type}"
        ) from None


def _read(series: pl.Series, column: Column) -> pl.Series:
    """The column's values out of text, e.g. of a CSV file. Raises PolarsError for one that can't be read."""
    found = read_as(series, column.type, column.format)
    if found.null_count() > series.null_count() and bool((found.is_null() & ~says_nothing(series)).any()):
        raise pl.exceptions.InvalidOperationError("text that can't be read")
    return found


def _number(series: pl.Series) -> np.ndarray[Any, Any]:
    values = series.cast(pl.Float64).to_numpy(writable=True)
    if not np.isfinite(values).all():
        values[~np.isfinite(values)] = np.nan
    return np.asarray(np.clip(values, -_LARGEST, _LARGEST))


def _text(series: pl.Series, column: Column) -> np.ndarray[Any, Any]:
    if column.type == "int" and series.dtype.is_float():
        series = series.cast(pl.Int64)
    if column.type == "float" and series.dtype.is_integer():
        series = series.cast(pl.Float64)
    if isinstance(series.dtype, pl.Datetime | pl.Date):
        series = series.dt.strftime("%Y-%m-%dT%H:%M:%S")
    if series.dtype != pl.String:
        series = series.cast(pl.String)
    # a list rather than `fill_null`: for one row, starting the query engine costs more than everything else here
    return np.array([MISSING if text is None else text for text in series.to_list()], dtype=object)


def _time(series: pl.Series) -> np.ndarray[Any, Any]:
    if series.dtype.is_numeric() or isinstance(series.dtype, pl.Null):
        if series.null_count() != series.len():
            raise pl.exceptions.InvalidOperationError("numbers are no times")
        series = series.cast(pl.Datetime("us", "UTC"))
    zone = getattr(series.dtype, "time_zone", None)
    if zone not in {None, "UTC"}:
        series = series.dt.convert_time_zone("UTC")
    return series.cast(pl.Datetime("us")).to_numpy().astype("datetime64[us]")
