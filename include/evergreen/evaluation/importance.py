"""Which columns the model leans on: how much worse it gets when a column's values are shuffled."""

from __future__ import annotations

import numpy as np
import polars as pl

from evergreen.features.predictor import Predictor
from evergreen.metrics.registry import gain, metric_of
from evergreen.spec import UseCase

_MOST_ROWS = 2000


def importance(use_case: UseCase, predictor: Predictor, rows: pl.DataFrame, seed: int) -> list[tuple[str, float]]:
    """Every input column with the loss of the use case's metric under a seeded shuffle, the largest first.

    Looks at `_MOST_ROWS` rows at most. Empty where the metric is not defined on them.
    """
    rng = np.random.default_rng(seed)
    if rows.height > _MOST_ROWS:
        rows = rows[np.sort(rng.choice(rows.height, _MOST_ROWS, replace=False))]
    metric, target = metric_of(use_case), rows[use_case.target.column]

    def value(of: pl.DataFrame) -> float:
        return metric.value(use_case.task.scored(target, predictor.predict(of), predictor.positive))

    whole = value(rows)
    if not np.isfinite(whole):
        return []
    found = []
    for column in predictor.schema:
        shuffled = rows.with_columns(rows[column.name].gather(rng.permutation(rows.height)))
        found.append((column.name, gain(metric, whole, value(shuffled))))
    return sorted(found, key=lambda pair: -pair[1])
