"""The one pipeline: everything that is estimated from data, from imputation to the estimator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from ..errors import bounded
from ..spec.features import Features
from ..table import own_columns
from .errors import WrongColumns
from .learner import Learner
from .schema import kind_of

if TYPE_CHECKING:
    from ..spec import UseCase

_FEW = 20
"""Text columns with more categories than this are target-encoded when the use case does not say."""
_MOST_ONEHOT = 50


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

    from .by_column import ByColumn

    if use_case.features is None:
        parts = _by_type(use_case, columns, candidate, seed)
    else:
        check_columns(use_case.features, columns)
        parts = _as_said(use_case.features, candidate, seed, use_case.task)
    estimator = candidate.build(use_case.task, params, seed, n_jobs)
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
    return frozenset(name for name in input_columns(use_case, columns) if kind_of(columns[name]) == "string")


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
    for part, fitting in ((features.numeric, {"int", "float", "bool"}), (features.calendar, {"datetime"})):
        for name in part.columns if part is not None else ():
            kind = kind_of(columns[name])
            if kind not in fitting and not isinstance(columns[name], pl.Null):
                section = "numeric" if part is features.numeric else "calendar"
                raise WrongColumns(
                    f"`features.{section}` names `{name}`, which is {kind or columns[name]}; it takes "
                    f"{' and '.join(sorted(fitting))}. Move it to another section, or give its type under `sources`."
                )


def _as_said(features: Features, candidate: Learner, seed: int, task: str) -> list[tuple[str, Any, Any]]:
    parts: list[tuple[str, Any, Any]] = []
    if features.numeric is not None:
        named = features.numeric
        how = named.impute
        if how == "none" and not candidate.takes_missing:
            how = "median"
        scale = named.scale == "standard" or candidate.wants_scale
        parts.append(("numeric", _numbers(how, scale=scale), list(named.columns)))
    if features.categorical is not None:
        encoder = _encoder(features.categorical.encode, candidate, seed, task)
        parts.append(("categorical", encoder, list(features.categorical.columns)))
    if features.calendar is not None:
        calendar = _calendar(features.calendar.parts, candidate)
        parts.append(("calendar", calendar, list(features.calendar.columns)))
    return parts


def _by_type(
    use_case: UseCase, columns: Mapping[str, pl.DataType], candidate: Learner, seed: int
) -> list[tuple[str, Any, Any]]:
    from .selectors import Cardinality

    names = input_columns(use_case, columns)
    kinds = {name: kind_of(columns[name]) for name in names}
    numbers = [name for name in names if kinds[name] in {"int", "float", "bool"}]
    texts = [name for name in names if kinds[name] == "string"]
    times = [name for name in names if kinds[name] == "datetime"]
    parts: list[tuple[str, Any, Any]] = []
    if numbers:
        how = "none" if candidate.takes_missing else "median"
        parts.append(("numeric", _numbers(how, scale=candidate.wants_scale), numbers))
    if texts:
        few = _encoder("onehot", candidate, seed, use_case.task)
        many = _encoder("target", candidate, seed, use_case.task)
        parts.append(("few_categories", few, Cardinality(texts, _FEW, above=False)))
        parts.append(("many_categories", many, Cardinality(texts, _FEW, above=True)))
    if times:
        parts.append(("calendar", _calendar(("hour", "weekday", "month"), candidate), times))
    return parts


def _numbers(how: str, *, scale: bool) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    steps: list[Any] = []
    if how != "none":
        fill = {"fill_value": 0.0} if how == "constant" else {}
        steps.append(SimpleImputer(strategy=how, keep_empty_features=True, **fill))
    if scale:
        steps.append(StandardScaler())
    return _chain(steps, make_pipeline)


def _encoder(how: str, candidate: Learner, seed: int, task: str) -> Any:
    from sklearn.model_selection import KFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

    if how == "onehot":
        return OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=_MOST_ONEHOT, sparse_output=False)
    if how == "ordinal":
        encoder: Any = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    else:
        kind = "continuous" if task == "regression" else "auto"
        encoder = TargetEncoder(target_type=kind, cv=KFold(5, shuffle=True, random_state=seed))
    return _chain([encoder, StandardScaler()] if candidate.wants_scale else [encoder], make_pipeline)


def _calendar(parts: tuple[str, ...], candidate: Learner) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from .calendar import CalendarParts

    steps: list[Any] = [CalendarParts(parts)]
    if not candidate.takes_missing:
        steps.append(SimpleImputer(strategy="median", keep_empty_features=True))
    if candidate.wants_scale:
        steps.append(StandardScaler())
    return _chain(steps, make_pipeline)


def _chain(steps: list[Any], make_pipeline: Any) -> Any:
    if not steps:
        return "passthrough"
    return steps[0] if len(steps) == 1 else make_pipeline(*steps)
