"""What happened beside what was predicted, as plain arrays that every metric takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Scored:
    """n rows. `truth`: codes 0…k−1 (binary: 1 is the positive class) or numbers; `shares`: n (binary: the positive
    class's probability; regression: the prediction) or n × k probabilities; `decided`: predicted codes or numbers.
    """

    task: str
    truth: Array
    shares: Array
    decided: Array
    labels: tuple[str, ...] = ()
    """Multiclass: the classes' texts in the order of their codes."""

    def __len__(self) -> int:
        return len(self.truth)

    def rows(self, chosen: Array) -> Scored:
        """Only the rows that `chosen` (mask or positions) picks."""
        return Scored(self.task, self.truth[chosen], self.shares[chosen], self.decided[chosen], self.labels)


def scored(task: str, target: pl.Series, predictions: pl.DataFrame, positive: object = None) -> Scored:
    """Lay a target beside predictions (`prediction`, `probability` or `probability_<class>`), row by row.

    Rows without a target are left out. `positive` is the positive class of a binary task (default: True, 1, or the last
    in order). A class that the model has never seen gets probability 0.
    """
    known = target.is_not_null()
    target, predictions = target.filter(known), predictions.filter(known)
    if task == "regression":
        numbers = predictions["prediction"].cast(pl.Float64).to_numpy()
        return Scored(task, target.cast(pl.Float64).to_numpy(), numbers, numbers)
    if task == "binary":
        label = _text(positive) if positive is not None else _texts(target.drop_nulls().unique().sort()).to_list()[-1]
        truth = (_texts(target) == label).cast(pl.Int64).to_numpy()
        decided = (_texts(predictions["prediction"]) == label).cast(pl.Int64).to_numpy()
        return Scored(task, truth, predictions["probability"].to_numpy(), decided)
    return _multiclass(_texts(target), predictions)


def _multiclass(target: pl.Series, predictions: pl.DataFrame) -> Scored:
    prefix = "probability_"
    seen = [name.removeprefix(prefix) for name in predictions.columns if name.startswith(prefix)]
    classes = sorted({*seen, *target.unique().to_list()})
    codes = {label: code for code, label in enumerate(classes)}
    shares = np.zeros((target.len(), len(classes)))
    for label in seen:
        shares[:, codes[label]] = predictions[prefix + label].to_numpy()
    truth = target.replace_strict(codes, return_dtype=pl.Int64).to_numpy()
    decided = _texts(predictions["prediction"]).replace_strict(codes, return_dtype=pl.Int64).to_numpy()
    return Scored("multiclass", truth, shares, decided, tuple(classes))


def _texts(series: pl.Series) -> pl.Series:
    """Every value as Python writes it; each distinct one is written once."""
    if series.dtype == pl.String:
        return series
    distinct = series.unique().to_list()
    return series.replace_strict(distinct, [_text(value) for value in distinct], return_dtype=pl.String)


def _text(value: object) -> str:
    return str(value)


def block_codes(values: Sequence[object] | pl.Series) -> tuple[Array, int]:
    """Blocks as codes 0…J−1 and J: rows with one value err together and are resampled together."""
    series = values if isinstance(values, pl.Series) else pl.Series(values)
    codes = series.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    unique, packed = np.unique(codes, return_inverse=True)
    return packed, len(unique)
