"""Labels of classes: their texts, and their codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

Label = bool | int | float | str


def encoded(target: pl.Series, classes: tuple[Label, ...]) -> np.ndarray[Any, Any]:
    """Codes of the classes (int64), or the numbers themselves where there are no classes. No nulls allowed."""
    if not classes:
        return target.cast(pl.Float64).to_numpy()
    codes = target.replace_strict(list(classes), list(range(len(classes))), return_dtype=pl.Int64)
    return codes.to_numpy()


def decoded(codes: np.ndarray[Any, Any], classes: tuple[Label, ...]) -> pl.Series:
    """The labels of the codes, as a Series `prediction`."""
    return pl.Series("prediction", list(classes)).gather(codes)


def label_texts(series: pl.Series) -> pl.Series:
    """Every value as Python writes it; each distinct one is written once."""
    if series.dtype == pl.String:
        return series
    distinct = series.unique().to_list()
    return series.replace_strict(distinct, [str(value) for value in distinct], return_dtype=pl.String)


def as_stored(label: object) -> str:
    """A label as the predictions store has it: Polars writes `true` where Python writes `True`."""
    return str(label).lower() if isinstance(label, bool) else str(label)
