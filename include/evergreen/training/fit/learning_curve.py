"""How much more rows would help: a recipe fitted on growing shares of rows."""

from __future__ import annotations

import numpy as np
import polars as pl

from evergreen.metrics.registry import metric_of
from evergreen.spec import UseCase
from evergreen.training.choose.recipe import Recipe
from evergreen.training.fit.fit_recipe import fit_recipe
from evergreen.training.split.folds import folds

SHARES = (0.125, 0.25, 0.5, 1.0)
_MOST_SEEN = 20_000
_LEAST = 20
"""A share with fewer rows is left out: a model of them says nothing of one of many."""


def learning_curve(
    use_case: UseCase, train: pl.DataFrame, recipe: Recipe, seed: int, most: int | None = None
) -> list[tuple[int, float, float]]:
    """Rows learned from, the metric on them, and on the last fold's rows to be judged on; for the shares that can be.

    By time the newest rows of each share are taken, else the same at random; `most` rows, where given, are all there
    are. Raises whatever fitting one of them raises.
    """
    fold = folds(use_case, train, seed)[-1]
    judge, metric, target = train[fold.judge], metric_of(use_case), use_case.target.column
    order = fold.learn if use_case.folds_by == "time" else np.random.default_rng(seed).permutation(fold.learn)
    order = order if most is None else order[-max(1, most) :]
    classes = train[target].n_unique() if use_case.task.has_classes else 0
    points = []
    for share in SHARES:
        learn = train[np.sort(order[-max(1, int(len(order) * share)) :])]
        if learn.height < _LEAST or learn[target].n_unique() < classes:
            continue
        predictor = fit_recipe(use_case, learn, recipe, seed)
        seen = learn.sample(min(learn.height, _MOST_SEEN), seed=seed)
        on_seen, on_others = (
            float(metric.value(use_case.task.scored(rows[target], predictor.predict(rows), predictor.positive)))
            for rows in (seen, judge)
        )
        points.append((learn.height, on_seen, on_others))
    return points
