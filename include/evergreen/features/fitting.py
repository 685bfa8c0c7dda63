"""Fit one configuration: the only place where anything learns from rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from .frames import to_pandas
from .learner import Learner
from .pipeline import build_pipeline, input_columns, text_columns
from .predictor import Predictor
from .schema import describe
from .target import classes_of, encode

if TYPE_CHECKING:
    from ..spec import UseCase


def fit(
    use_case: UseCase, rows: pl.DataFrame, candidate: Learner, params: Mapping[str, Any], seed: int, n_jobs: int = 1
) -> Predictor:
    """A model of `rows` (table rows with their target, no nulls in it), and of nothing else.

    Raises WrongColumns where `features:` does not fit the table, UnusableTarget where nothing can be learned.
    """
    types = dict(rows.schema)
    target = rows.get_column(use_case.target.column)
    classes = classes_of(use_case, target)
    schema = describe(rows, input_columns(use_case, types))
    texts = text_columns(use_case, types)
    pipeline = build_pipeline(use_case, types, candidate, params, seed, n_jobs)
    pipeline.fit(to_pandas(rows, schema, texts), encode(target, classes))
    return Predictor(pipeline, use_case.task, schema, texts, classes)
