"""The plain baselines every model has to beat: the mean of all rows, and of those of the same season.

A regression's is the quantile where `pinball` judges, the median where `mae` does: the mean would be beaten too easily.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from evergreen.features.frames import to_pandas
from evergreen.features.predictor import Predictor
from evergreen.features.schema import Column, describe
from evergreen.features.seasonal import SEASONS, Seasonal
from evergreen.features.target import classes_of
from evergreen.spec import UseCase
from evergreen.tasks.labels import Label, encoded
from evergreen.tasks.scored import middle

_LATER = 0.2
"""The share of the rows, the latest, on which seasons are compared."""
_YEARS = 2 * 365
"""Days that rows have to span before months are a season: a month seen once says nothing of the next one like it."""
Array = np.ndarray[Any, Any]


def baseline(use_case: UseCase, train: pl.DataFrame) -> Predictor:
    """What one says without looking: the classes' shares in the training rows, or their mean. Takes no columns."""
    from evergreen.training.candidates.baseline import Baseline

    codes, classes = _answers(use_case, train)
    same, quantile = Baseline(), use_case.quantile
    model = same.build(use_case.task, {} if quantile is None else same.quantile(quantile), 0, 1)
    return _predictor(use_case, train, (), model, codes, classes)


def seasonal_baseline(use_case: UseCase, train: pl.DataFrame) -> Predictor | None:
    """What one says who looks at the clock: shares or mean of the rows at the same hour, on the same weekday, both, or
    in the same month, whichever says most of the latest fifth of the rows.

    None where rows have no time, and where no season is surely better there than none: a log loss, or squared error,
    that is less by more than one standard error of the difference; of a quantile the pinball loss.
    """
    if use_case.split_by != "time" or use_case.at is None:
        return None
    codes, classes = _answers(use_case, train)
    schema = describe(train, (use_case.at,))
    season = _season(train[use_case.at], _read(train, schema), codes, len(classes), use_case.quantile)
    if season is None:
        return None
    return _predictor(use_case, train, schema, Seasonal(season, len(classes), use_case.quantile), codes, classes)


def _answers(use_case: UseCase, train: pl.DataFrame) -> tuple[Array, tuple[Label, ...]]:
    target = train[use_case.target.column]
    classes = classes_of(use_case, target)
    return encoded(target, classes), classes


def _predictor(
    use_case: UseCase,
    train: pl.DataFrame,
    schema: tuple[Column, ...],
    model: Any,
    codes: Array,
    classes: tuple[Label, ...],
) -> Predictor:
    from sklearn.pipeline import Pipeline

    pipeline = Pipeline([("model", model)]).fit(_read(train, schema), codes)
    costs = use_case.training.costs
    decides = use_case.task.threshold(costs), use_case.task.matrix(costs, classes)
    return Predictor(pipeline, use_case.task, schema, frozenset(), classes, *decides)


def _read(rows: pl.DataFrame, schema: tuple[Column, ...]) -> Any:
    return to_pandas(rows, schema, frozenset()) if schema else np.empty((rows.height, 0))


def _season(at: pl.Series, times: Any, codes: Array, classes: int, quantile: float | None) -> str | None:
    """The season that says most of later rows, None where none surely does."""
    order = at.arg_sort().to_numpy()
    late = max(1, int(_LATER * len(order)))
    early, later = order[:-late], order[-late:]
    plain = _losses(codes[later], _everywhere(codes[early], late, classes, quantile), quantile)
    best: tuple[float, str] | None = None
    for season in SEASONS:
        if season == "month" and _days(at) < _YEARS:
            continue
        model = Seasonal(season, classes, quantile).fit(times.iloc[early], codes[early])
        losses = _losses(codes[later], model.means(times.iloc[later]), quantile)
        better = plain - losses
        sure = better.mean() - better.std() / np.sqrt(late)
        if sure > 0 and (best is None or losses.mean() < best[0]):
            best = float(losses.mean()), season
    return best[1] if best is not None else None


def _everywhere(codes: Array, rows: int, classes: int, quantile: float | None) -> Array:
    same = np.bincount(codes, minlength=classes) / len(codes) if classes else [middle(codes, quantile)]
    return np.tile(same, (rows, 1))


def _days(at: pl.Series) -> int:
    first, last = at.min(), at.max()
    return (last - first).days if isinstance(first, datetime) and isinstance(last, datetime) else 0


def _losses(codes: Array, said: Array, quantile: float | None) -> Array:
    """Log losses of shares (n × classes), squared errors of numbers (n × 1), or the pinball losses of a quantile."""
    if said.shape[1] == 1:
        short = codes - said[:, 0]
        return np.asarray(short**2 if quantile is None else np.maximum(quantile * short, (quantile - 1) * short))
    return np.asarray(-np.log(np.maximum(said[np.arange(len(codes)), codes], 1e-15)))
