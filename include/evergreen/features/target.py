"""The target as numbers that estimators take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from evergreen.tasks.labels import Label

if TYPE_CHECKING:
    from evergreen.spec import UseCase


def classes_of(use_case: UseCase, target: pl.Series) -> tuple[Label, ...]:
    """The classes in the order of their codes; none where the target is a number. Raises UnusableTarget."""
    where = f"the target `{use_case.target.column}` of `{use_case.name}`"
    return use_case.task.classes(target, where, use_case.target.positive)
