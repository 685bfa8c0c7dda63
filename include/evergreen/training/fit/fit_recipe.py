"""A recipe fitted on rows: the same rows, recipe and seed give the same model."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl

from evergreen.features.fitting import LearningRows, learning_rows
from evergreen.features.pipeline import build_pipeline
from evergreen.features.predictor import Predictor
from evergreen.spec import UseCase
from evergreen.training.candidates import CANDIDATES
from evergreen.training.choose.recipe import Recipe
from evergreen.training.imbalance.fitting import fit_balanced, stakes_of
from evergreen.training.trial.configuration import Configuration
from evergreen.training.trial.fold_features import kind_of_features


def fit_recipe(
    use_case: UseCase, rows: pl.DataFrame, recipe: Recipe, seed: int, *, n_jobs: int = 1, workers: int = 1
) -> Predictor:
    """A model of `rows`, and of nothing else; members are fitted `workers` at a time with `n_jobs` threads each, and
    where there are fewer members than `workers`, with as many more threads.

    The same rows, recipe and seed give the same model, whatever `workers`, but for the last digits of members that add
    in another order with more threads. Raises WrongColumns and UnusableTarget.
    """
    from sklearn.pipeline import Pipeline

    made = learning_rows(use_case, rows)
    stakes = stakes_of(use_case, made.classes)
    alone = n_jobs * max(1, workers // len(recipe.members))
    kinds = _by_features(use_case, made, [one for one, _ in recipe.members], seed, alone)
    begun = []
    with ThreadPoolExecutor(workers) as threads:
        for step, members in kinds:
            learn = step.fit_transform(made.frame, made.codes)
            fits = [
                threads.submit(
                    fit_balanced, estimator, learn, made.codes, recipe.members[index][0].balance, seed, stakes
                )
                for estimator, index in members
            ]
            weights = [recipe.members[index][1] for _, index in members]
            begun.append((step, fits, weights))
        parts = [(step, [fit.result() for fit in fits], weights) for step, fits, weights in begun]
    if alone != n_jobs:
        for _, members in kinds:
            for estimator, _ in members:
                _predicts_with(estimator, n_jobs)
    if len(recipe.members) == 1:
        model: Any = Pipeline([*parts[0][0].steps, ("model", parts[0][1][0])])
    else:
        from evergreen.features.ensemble import Ensemble

        model = Ensemble(parts)
    if recipe.calibration is not None:
        from evergreen.features.calibrated import Calibrated

        model = Calibrated(model, recipe.calibration["method"], recipe.calibration["curves"])
    costs = use_case.task.matrix(use_case.training.costs, made.classes)
    return Predictor(model, use_case.task, made.schema, made.texts, made.classes, recipe.threshold, costs)


def _predicts_with(estimator: Any, n_jobs: int) -> None:
    """More threads than it was searched with would make the prediction of one row slower."""
    if "n_jobs" in estimator.get_params():
        estimator.set_params(n_jobs=n_jobs)


def _by_features(
    use_case: UseCase, made: LearningRows, members: Sequence[Configuration], seed: int, n_jobs: int
) -> list[tuple[Any, list[tuple[Any, int]]]]:
    """Unfitted features, each with the unfitted estimators that take them and their members' positions."""
    kinds: dict[bytes, tuple[Any, list[tuple[Any, int]]]] = {}
    for index, one in enumerate(members):
        pipeline = build_pipeline(use_case, made.types, CANDIDATES[one.candidate], one.params, seed, n_jobs)
        step, estimator = pipeline[:-1], pipeline[-1]
        kinds.setdefault(kind_of_features(step), (step, []))[1].append((estimator, index))
    return list(kinds.values())
