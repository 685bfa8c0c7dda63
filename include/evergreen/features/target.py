"""The target as numbers that estimators take, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from evergreen.features.errors import UnusableTarget

if TYPE_CHECKING:
    from evergreen.spec import UseCase

Label = bool | int | float | str
_MOST_CLASSES = 1000


def classes_of(use_case: UseCase, target: pl.Series) -> tuple[Label, ...]:
    """The classes in the order of their codes; binary: (negative, positive); regression: none.

    Raises UnusableTarget where there is one class, a binary target has more than two, or a regression target is not
    made of finite numbers.
    """
    where = f"the target `{use_case.target.column}` of `{use_case.name}`"
    if use_case.task == "regression":
        _check_numbers(target, where)
        return ()
    found: list[Label] = target.drop_nulls().unique().sort().to_list()
    if len(found) < 2:
        raise UnusableTarget(
            f"{where} has {len(found)} class in {target.len()} rows; a model needs two. Wait for more labelled rows, "
            "or correct `target.expression`."
        )
    if use_case.task == "multiclass":
        if len(found) > _MOST_CLASSES:
            raise UnusableTarget(f"{where} has {len(found)} classes, more than {_MOST_CLASSES}; is it a regression?")
        return tuple(found)
    if len(found) > 2:
        raise UnusableTarget(
            f"{where} has {len(found)} classes; a binary task has two. Say `task: multiclass`, or make it two by "
            "`target.expression`."
        )
    positive = use_case.target.positive
    if positive is None:
        return found[0], found[1]
    if positive not in found:
        raise UnusableTarget(f"{where} never is its `positive` class in {target.len()} rows; correct `target.positive`")
    negative = next(label for label in found if label != positive)
    return negative, next(label for label in found if label == positive)


def encode(target: pl.Series, classes: tuple[Label, ...]) -> np.ndarray[Any, Any]:
    """Codes of the classes (int64), or the numbers themselves where there are no classes. No nulls allowed."""
    if not classes:
        return target.cast(pl.Float64).to_numpy()
    codes = target.replace_strict(list(classes), list(range(len(classes))), return_dtype=pl.Int64)
    return codes.to_numpy()


def decode(codes: np.ndarray[Any, Any], classes: tuple[Label, ...]) -> pl.Series:
    """The labels of the codes, as a Series `prediction`."""
    return pl.Series("prediction", list(classes)).gather(codes)


def _check_numbers(target: pl.Series, where: str) -> None:
    if not target.dtype.is_numeric():
        raise UnusableTarget(
            f"{where} is of type {target.dtype}; a regression needs numbers. Cast it under the source's `types` or in "
            "`target.expression`."
        )
    wrong = int((~target.drop_nulls().cast(pl.Float64).is_finite()).sum())
    if wrong:
        raise UnusableTarget(
            f"{where} is infinite or not a number in {wrong} of {target.len()} rows; make those null in "
            "`target.expression`, or add an expectation that quarantines them."
        )
