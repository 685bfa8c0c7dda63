"""The one pipeline: everything that is estimated from data, from imputation to the estimator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.columns import KINDS, is_made_by, kind_of
from evergreen.errors import bounded
from evergreen.features.errors import WrongColumns
from evergreen.features.learner import Learner, estimator_of
from evergreen.spec.features import Features
from evergreen.table import own_columns

if TYPE_CHECKING:
    from evergreen.spec import UseCase


def build_pipeline(
    use_case: UseCase,
    columns: Mapping[str, pl.DataType],
    candidate: Learner,
    params: Mapping[str, Any],
    seed: int,
    n_jobs: int = 1,
) -> Any:
    """An unfitted scikit-learn `Pipeline` from the pandas frame of `frames.to_pandas` to predictions.

    `columns` are the table's columns and types. Made from `features:`, or by type where that is absent. Raises
    WrongColumns where `features:` names a column that the table lacks or whose type does not fit.
    """
    from sklearn.pipeline import Pipeline

    from evergreen.features.automatic import by_type
    from evergreen.features.by_column import ByColumn

    if use_case.features is None:
        parts = by_type(use_case, input_columns(use_case, columns), columns, candidate, seed)
    else:
        check_columns(use_case.features, columns)
        parts = _as_said(use_case.features, candidate, seed, use_case.task.name)
    estimator = estimator_of(use_case, candidate, params, seed, n_jobs)
    return Pipeline([("features", ByColumn(parts)), ("model", estimator)])


def input_columns(use_case: UseCase, columns: Mapping[str, pl.DataType]) -> tuple[str, ...]:
    """The columns a model of the use case takes, in a fixed order: never key, target or the table's own.

    Raises WrongColumns where there is none, or `features:` names one that is not there.
    """
    if use_case.features is not None:
        check_columns(use_case.features, columns)
        return tuple(dict.fromkeys(use_case.features.columns()))
    left_out = {*use_case.key, use_case.target.column}
    found = tuple(
        name
        for name in own_columns(columns)
        if name not in left_out and kind_of(columns[name]) is not None and not isinstance(columns[name], pl.Null)
    )
    if not found:
        raise WrongColumns(
            f"the table of `{use_case.name}` has no column to learn from besides its key and target; "
            "add columns to a source, or join one under `prepare`"
        )
    return found


def text_columns(use_case: UseCase, columns: Mapping[str, pl.DataType]) -> frozenset[str]:
    """The input columns that are taken as categories."""
    if use_case.features is not None:
        named = use_case.features.categorical
        return frozenset(named.columns) if named is not None else frozenset()
    return frozenset(name for name in input_columns(use_case, columns) if is_made_by("categorical", columns[name]))


def check_columns(features: Features, columns: Mapping[str, pl.DataType]) -> None:
    """Raises WrongColumns where `features:` does not fit the table's columns and types."""
    unknown = [name for name in features.columns() if name not in columns]
    if unknown:
        raise WrongColumns(
            f"`features` names {bounded(unknown)}, which the table does not have; its columns are "
            f"{bounded(own_columns(columns), 25)}"
        )
    named = features.columns()
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise WrongColumns(f"`features` names {bounded(twice)} twice; a column becomes features in one way only")
    for section, part in (("numeric", features.numeric), ("calendar", features.calendar)):
        for name in part.columns if part is not None else ():
            if not is_made_by(section, columns[name]) and not isinstance(columns[name], pl.Null):
                kind = kind_of(columns[name])
                fitting = sorted(one.name for one in KINDS.values() if one.section == section)
                raise WrongColumns(
                    f"`features.{section}` names `{name}`, which is {kind.name if kind else columns[name]}; it takes "
                    f"{' and '.join(fitting)}. Move it to another section, or give its type under `sources`."
                )


def _as_said(features: Features, candidate: Learner, seed: int, task: str) -> list[tuple[str, Any, Any]]:
    from evergreen.features.calendar import CalendarParts
    from evergreen.features.encoding import encoder, numbers, times

    parts: list[tuple[str, Any, Any]] = []
    if features.numeric is not None:
        named = features.numeric
        how = named.impute
        if how == "none" and not candidate.takes_missing:
            how = "median"
        scale = named.scale == "standard" or candidate.wants_scale
        parts.append(("numeric", numbers(how, scale=scale), list(named.columns)))
    if features.categorical is not None:
        encoded = encoder(features.categorical.encode, candidate, seed, task)
        parts.append(("categorical", encoded, list(features.categorical.columns)))
    if features.calendar is not None:
        calendar = times([CalendarParts(features.calendar.parts)], candidate)
        parts.append(("calendar", calendar, list(features.calendar.columns)))
    return parts
