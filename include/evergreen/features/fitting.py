"""Fit one configuration: the only place where anything learns from rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.features.frames import to_pandas
from evergreen.features.learner import Learner
from evergreen.features.pipeline import build_pipeline, input_columns, text_columns
from evergreen.features.predictor import Predictor
from evergreen.features.schema import Column, describe
from evergreen.features.target import classes_of
from evergreen.tasks.labels import Label, encoded

if TYPE_CHECKING:
    from evergreen.spec import UseCase


@dataclass(frozen=True, eq=False)
class LearningRows:
    """Rows as pipelines take them: a pandas `frame` of the input columns, and the target's `codes` (or numbers).

    Only fixed, row-wise conversions lie between the table's rows and these; `types` are the table's own.
    """

    frame: Any
    codes: Any
    classes: tuple[Label, ...]
    schema: tuple[Column, ...]
    texts: frozenset[str]
    types: Mapping[str, pl.DataType]


def learning_rows(use_case: UseCase, rows: pl.DataFrame) -> LearningRows:
    """The rows (with their target, no nulls in it) as pipelines take them. Raises WrongColumns and UnusableTarget."""
    types = dict(rows.schema)
    target = rows.get_column(use_case.target.column)
    classes = classes_of(use_case, target)
    schema = describe(rows, input_columns(use_case, types))
    texts = text_columns(use_case, types)
    return LearningRows(to_pandas(rows, schema, texts), encoded(target, classes), classes, schema, texts, types)


def fit(
    use_case: UseCase, rows: pl.DataFrame, candidate: Learner, params: Mapping[str, Any], seed: int, n_jobs: int = 1
) -> Predictor:
    """A model of `rows` (table rows with their target, no nulls in it), and of nothing else.

    Raises WrongColumns where `features:` does not fit the table, UnusableTarget where nothing can be learned.
    """
    made = learning_rows(use_case, rows)
    pipeline = build_pipeline(use_case, made.types, candidate, params, seed, n_jobs)
    pipeline.fit(made.frame, made.codes)
    costs = use_case.task.matrix(use_case.training.costs, made.classes)
    return Predictor(pipeline, use_case.task, made.schema, made.texts, made.classes, costs=costs)
