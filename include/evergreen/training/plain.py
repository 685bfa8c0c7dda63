"""The plain baseline every model has to beat: the mean of all rows, or of those of the same season."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from ..features.frames import to_pandas
from ..features.predictor import Predictor
from ..features.schema import Column, describe
from ..features.seasonal import SEASONS, Seasonal
from ..features.target import classes_of, encode
from ..spec import UseCase

_LATER = 0.2
"""The share of the rows, the latest, on which seasons are compared."""
_YEARS = 2 * 365
"""Days that rows have to span before months are a season: a month seen once says nothing of the next one like it."""
Array = np.ndarray[Any, Any]


def baseline(use_case: UseCase, train: pl.DataFrame) -> Predictor:
    """The classes' shares in the training rows, or their mean; with a time, of rows at the same hour, on the same
    weekday or in the same month where that does better on the latest fifth of them.

    Better is a log loss, or squared error, that is less by more than one standard error of the difference.
    """
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.pipeline import Pipeline

    target = train[use_case.target.column]
    classes = classes_of(use_case, target)
    codes = encode(target, classes)
    season = _season(use_case, train, codes, len(classes))
    if season is None:
        schema: tuple[Column, ...] = ()
        model = DummyRegressor(strategy="mean") if use_case.task == "regression" else DummyClassifier(strategy="prior")
    else:
        schema = describe(train, (str(use_case.at),))
        model = Seasonal(season, len(classes))
    pipeline = Pipeline([("model", model)]).fit(_read(train, schema), codes)
    return Predictor(pipeline, use_case.task, schema, frozenset(), classes)


def name_of(baseline: Predictor) -> str:
    """`baseline`, and the season it goes by."""
    season = getattr(baseline.pipeline.named_steps["model"], "season", None)
    return f"baseline ({season})" if season else "baseline"


def _read(rows: pl.DataFrame, schema: tuple[Column, ...]) -> Any:
    return to_pandas(rows, schema, frozenset()) if schema else np.empty((rows.height, 0))


def _season(use_case: UseCase, train: pl.DataFrame, codes: Array, classes: int) -> str | None:
    """The season that says most of later rows, None where none does or rows have no time."""
    if use_case.split_by != "time" or use_case.at is None:
        return None
    at = train[use_case.at]
    order = at.arg_sort().to_numpy()
    late = max(1, int(_LATER * len(order)))
    early, later = order[:-late], order[-late:]
    times = _read(train, describe(train, (use_case.at,)))
    plain = _losses(codes[later], _everywhere(codes[early], late, classes))
    best: tuple[float, str] | None = None
    for season in SEASONS:
        if season == "month" and _days(at) < _YEARS:
            continue
        model = Seasonal(season, classes).fit(times.iloc[early], codes[early])
        losses = _losses(codes[later], model.means(times.iloc[later]))
        better = plain - losses
        sure = better.mean() - better.std() / np.sqrt(late)
        if sure > 0 and (best is None or losses.mean() < best[0]):
            best = float(losses.mean()), season
    return best[1] if best is not None else None


def _everywhere(codes: Array, rows: int, classes: int) -> Array:
    mean = np.bincount(codes, minlength=classes) / len(codes) if classes else [codes.mean()]
    return np.tile(mean, (rows, 1))


def _days(at: pl.Series) -> int:
    first, last = at.min(), at.max()
    return (last - first).days if isinstance(first, datetime) and isinstance(last, datetime) else 0


def _losses(codes: Array, said: Array) -> Array:
    """Log losses of shares (n × classes), squared errors of numbers (n × 1)."""
    if said.shape[1] == 1:
        return np.asarray((codes - said[:, 0]) ** 2)
    return np.asarray(-np.log(np.maximum(said[np.arange(len(codes)), codes], 1e-15)))
