"""From the finished study to the challenger, and the plain baseline every model has to beat."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from ..artifacts import JsonObject, Snapshot
from ..features.fitting import fit
from ..features.predictor import Predictor
from ..features.target import classes_of, encode
from ..spec import UseCase
from .candidates import CANDIDATES
from .search import SearchSummary, own_params, summary
from .snapshot import read_rows
from .study import FOLDS, opened


@dataclass(frozen=True)
class Fitted:
    """A challenger. `predictor` ships and `compared` is what the gate judges: the same, but with `refit: true`, where
    `predictor` has also learned from the gate window and `twin` (= `compared`) stands for it in every gate.

    `cv_score` is the mean over `fold_scores` in the search; `trained_before` as in `artifacts.ModelVersion`, of the
    predictor that ships; `rows` what it learned from.
    """

    predictor: Predictor
    twin: Predictor | None
    candidate: str
    params: JsonObject
    seed: int
    cv_score: float
    fold_scores: tuple[float, ...]
    trained_before: datetime | None
    rows: int
    cpu_seconds: float
    search: SearchSummary

    @property
    def compared(self) -> Predictor:
        """The model that goes before the gate."""
        return self.twin or self.predictor


def fit_winner(use_case: UseCase, snapshot: Snapshot, storage: str, study: str, seed: int, n_jobs: int = 1) -> Fitted:
    """Fit the study's best configuration on all rows of `snapshot.train`, with `refit: true` also on all mature rows.

    With `n_jobs` 1 the same snapshot, study and seed give the same model. Raises SearchFailed where the study has no
    finished trial, SnapshotTampered, and what `fit` raises.
    """
    with opened(use_case, storage, study, seed) as found:
        said = summary(found)
        best = found.best_trial
        params, scores = own_params(best), tuple(best.user_attrs.get(FOLDS, ()))
    started = time.process_time()
    compared = fit_configuration(use_case, snapshot, said.best_candidate, params, seed, n_jobs)
    shipped, twin, before, rows = compared, None, snapshot.window_start, snapshot.train_rows
    if use_case.training.refit and snapshot.refit is not None and snapshot.refit_sha256 is not None:
        everything = read_rows(snapshot.refit, snapshot.refit_sha256)
        shipped = fit(use_case, everything, CANDIDATES[said.best_candidate], params, seed, n_jobs)
        twin, rows = compared, everything.height
        before = snapshot.as_of if snapshot.window_start is not None else None
    return Fitted(
        predictor=shipped,
        twin=twin,
        candidate=said.best_candidate,
        params=params,
        seed=seed,
        cv_score=said.best_score,
        fold_scores=scores,
        trained_before=before,
        rows=rows,
        cpu_seconds=round(time.process_time() - started + said.cpu_seconds, 3),
        search=said,
    )


def fit_best(use_case: UseCase, study: Any, train: pl.DataFrame, seed: int, n_jobs: int = 1) -> Fitted:
    """The same from a study at hand and rows without a gate window: nothing is compared, so nothing stands for it."""
    said, best = summary(study), study.best_trial
    params = own_params(best)
    started = time.process_time()
    predictor = fit(use_case, train, CANDIDATES[said.best_candidate], params, seed, n_jobs)
    return Fitted(
        predictor=predictor,
        twin=None,
        candidate=said.best_candidate,
        params=params,
        seed=seed,
        cv_score=said.best_score,
        fold_scores=tuple(best.user_attrs.get(FOLDS, ())),
        trained_before=None,
        rows=train.height,
        cpu_seconds=round(time.process_time() - started + said.cpu_seconds, 3),
        search=said,
    )


def fit_configuration(
    use_case: UseCase, snapshot: Snapshot, candidate: str, params: Mapping[str, Any], seed: int, n_jobs: int = 1
) -> Predictor:
    """A recorded configuration fitted on `snapshot.train`: the same rows and seed give the same model."""
    rows = read_rows(snapshot.train, snapshot.train_sha256)
    return fit(use_case, rows, CANDIDATES[candidate], params, seed, n_jobs)


def baseline(use_case: UseCase, train: pl.DataFrame) -> Predictor:
    """What one says without looking: the classes' shares in the training rows, or their mean. Takes no columns."""
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.pipeline import Pipeline

    target = train[use_case.target.column]
    classes = classes_of(use_case, target)
    model = DummyRegressor(strategy="mean") if use_case.task == "regression" else DummyClassifier(strategy="prior")
    pipeline = Pipeline([("model", model)])
    pipeline.fit(np.empty((train.height, 0)), encode(target, classes))
    return Predictor(pipeline, use_case.task, (), frozenset(), classes)
