"""What is recorded of a winner, so that it can be made again from the same rows: members, calibration, threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import polars as pl

from evergreen.artifacts import JsonObject
from evergreen.features.fitting import Prepared, prepare
from evergreen.features.pipeline import build_pipeline
from evergreen.features.predictor import Predictor
from evergreen.spec import UseCase
from evergreen.tasks.base import PLAIN
from evergreen.training.balance import fit_balanced, stakes_of
from evergreen.training.candidates import CANDIDATES
from evergreen.training.configuration import Configuration
from evergreen.training.fold_features import kind_of_features

ENSEMBLE = "ensemble"
_MEMBERS, _BALANCE, _CALIBRATION, _THRESHOLD = "members", "_balance", "_calibration", "_threshold"


@dataclass(frozen=True)
class Recipe:
    """`members`: configurations and their weights, which add up to 1. `calibration`: None, or method and curves."""

    members: tuple[tuple[Configuration, float], ...]
    calibration: JsonObject | None = None
    threshold: float = PLAIN

    @property
    def candidate(self) -> str:
        """The name it is recorded under: its only member's, or `ensemble`."""
        return self.members[0][0].candidate if len(self.members) == 1 else ENSEMBLE

    @property
    def params(self) -> JsonObject:
        """What is recorded beside the name; of a single plain member just its parameters."""
        if len(self.members) == 1:
            said = _balanced(dict(self.members[0][0].params), self.members[0][0])
        else:
            said = {
                _MEMBERS: [
                    {"candidate": one.candidate, "params": _balanced(one.params, one), "weight": weight}
                    for one, weight in self.members
                ]
            }
        if self.calibration is not None:
            said[_CALIBRATION] = self.calibration
        if self.threshold != PLAIN:
            said[_THRESHOLD] = self.threshold
        return said


def recorded(candidate: str, params: Mapping[str, Any]) -> Recipe:
    """The recipe that was recorded under this name with these parameters."""
    own = dict(params)
    calibration, threshold = own.pop(_CALIBRATION, None), float(own.pop(_THRESHOLD, PLAIN))
    if candidate != ENSEMBLE:
        return Recipe(((_member(candidate, own), 1.0),), calibration, threshold)
    members = tuple((_member(one["candidate"], one["params"]), float(one["weight"])) for one in own[_MEMBERS])
    return Recipe(members, calibration, threshold)


def _balanced(params: JsonObject, one: Configuration) -> JsonObject:
    return params if one.balance == "none" else {**params, _BALANCE: one.balance}


def _member(candidate: str, params: Mapping[str, Any]) -> Configuration:
    own = dict(params)
    return Configuration(candidate, balance=str(own.pop(_BALANCE, "none")), params=own)


def fit_recipe(
    use_case: UseCase, rows: pl.DataFrame, recipe: Recipe, seed: int, *, n_jobs: int = 1, workers: int = 1
) -> Predictor:
    """A model of `rows`, and of nothing else; members are fitted `workers` at a time with `n_jobs` threads each, and
    where there are fewer members than `workers`, with as many more threads.

    The same rows, recipe and seed give the same model, whatever `workers`, but for the last digits of members that add
    in another order with more threads. Raises WrongColumns and UnusableTarget.
    """
    from sklearn.pipeline import Pipeline

    made = prepare(use_case, rows)
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
    use_case: UseCase, made: Prepared, members: Sequence[Configuration], seed: int, n_jobs: int
) -> list[tuple[Any, list[tuple[Any, int]]]]:
    """Unfitted features, each with the unfitted estimators that take them and their members' positions."""
    kinds: dict[bytes, tuple[Any, list[tuple[Any, int]]]] = {}
    for index, one in enumerate(members):
        pipeline = build_pipeline(use_case, made.types, CANDIDATES[one.candidate], one.params, seed, n_jobs)
        step, estimator = pipeline[:-1], pipeline[-1]
        kinds.setdefault(kind_of_features(step), (step, []))[1].append((estimator, index))
    return list(kinds.values())
