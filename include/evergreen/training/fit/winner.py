"""From the finished study to the challenger, and the plain baseline every model has to beat."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from evergreen.artifacts import JsonObject, Snapshot
from evergreen.features.predictor import Predictor
from evergreen.features.target import classes_of
from evergreen.metrics.registry import metric_of
from evergreen.parquet import read_checked
from evergreen.spec import UseCase
from evergreen.training.choose.decide import Decided, decide
from evergreen.training.choose.mix import Time
from evergreen.training.choose.recipe import recorded
from evergreen.training.fit.fit_recipe import fit_recipe
from evergreen.training.search.search import trials_folder
from evergreen.training.search.study import opened
from evergreen.training.search.summary import SearchSummary
from evergreen.training.trial.out_of_fold import OutOfFold

_MOST_SEEN = 5000
"""Training rows that the train score is told from."""
_NOT_REFITTED = (
    "`refit` was left out: all mature rows have other classes than the rows that the probabilities were calibrated on"
)


@dataclass(frozen=True)
class Winner:
    """A challenger. `predictor` ships and `compared` is what the gate judges: the same, but with `refit: true`, where
    `predictor` has also learned from the gate window and `twin` (= `compared`) stands for it in every gate.

    `candidate` and `params` make it again by `fit_configuration`. `cv_score` is the mean over `fold_scores` in the
    search (with `split.method: nested` see `nested`); `train_score` the metric on
    rows it learned from, `notes` what was decided and why; `trained_before` as in `artifacts.ModelVersion`, of the
    predictor that ships; `rows` what it learned from; `fit_seconds`: CPU time of the final fits.
    """

    predictor: Predictor
    twin: Predictor | None
    candidate: str
    params: JsonObject
    seed: int
    cv_score: float
    fold_scores: tuple[float, ...]
    train_score: float
    notes: tuple[str, ...]
    trained_before: datetime | None
    rows: int
    fit_seconds: float
    cpu_seconds: float
    search: SearchSummary
    out_of_fold: OutOfFold | None = None
    """What it said of training rows in the folds where they were not learned from; None where that is not kept."""
    stopped: bool = False
    """Whether a person ended the search early."""
    busy_seconds: float = 0.0
    """Of a search without a database: what its workers spent in trials and final fits, all together; not the start of
    their processes."""

    @property
    def compared(self) -> Predictor:
        """The model that goes before the gate."""
        return self.twin or self.predictor


def fit_winner(use_case: UseCase, snapshot: Snapshot, storage: str, study: str, seed: int, n_jobs: int = 1) -> Winner:
    """Fit what the study decided for on all rows of `snapshot.train`, with `refit: true` also on all mature rows.

    With `n_jobs` 1 the same snapshot, study and seed give the same model. Raises SearchFailed where the study has no
    finished trial, FileChanged, and what `fit` raises.
    """
    train = read_checked(snapshot.train, snapshot.train_sha256)
    with opened(use_case, storage, study, seed) as found:
        decided = decide(use_case, found, train, trials_folder(snapshot, study), seed)
    started = time.process_time()
    compared = fit_recipe(use_case, train, decided.recipe, seed, n_jobs=n_jobs)
    shipped, twin, before, rows = compared, None, snapshot.window_start, snapshot.train_rows
    everything = _everything(use_case, snapshot)
    if (
        everything is not None
        and decided.recipe.calibration is not None
        and not _same_classes(use_case, compared, everything)
    ):
        everything = None  # there is a curve a class, and none for a class that the folds have not seen
        decided = replace(decided, notes=(*decided.notes, _NOT_REFITTED))
    if everything is not None:
        shipped = fit_recipe(use_case, everything, decided.recipe, seed, n_jobs=n_jobs)
        twin, rows = compared, everything.height
        before = snapshot.as_of if snapshot.window_start is not None else None
    return _winner(use_case, decided, shipped, twin, train, seed, started, rows=rows, before=before)


def _everything(use_case: UseCase, snapshot: Snapshot) -> pl.DataFrame | None:
    if not use_case.training.refit or snapshot.refit is None or snapshot.refit_sha256 is None:
        return None
    return read_checked(snapshot.refit, snapshot.refit_sha256)


def _same_classes(use_case: UseCase, compared: Predictor, rows: pl.DataFrame) -> bool:
    return classes_of(use_case, rows[use_case.target.column]) == compared.classes


def fit_best(
    use_case: UseCase,
    study: Any,
    train: pl.DataFrame,
    keep: Path,
    seed: int,
    *,
    seconds: float | None = None,
    workers: int = 1,
) -> Winner:
    """The same from a study at hand and rows without a gate window. `seconds`: wall time that the fits, `workers` at a
    time, may take.
    """
    decided = decide(use_case, study, train, keep, seed, None if seconds is None else Time(seconds, workers))
    started = time.process_time()
    predictor = fit_recipe(use_case, train, decided.recipe, seed, workers=workers)
    return _winner(use_case, decided, predictor, None, train, seed, started, rows=train.height, before=None)


def _winner(
    use_case: UseCase,
    decided: Decided,
    shipped: Predictor,
    twin: Predictor | None,
    train: pl.DataFrame,
    seed: int,
    started: float,
    *,
    rows: int,
    before: datetime | None,
) -> Winner:
    seen = train.sample(min(train.height, _MOST_SEEN), seed=seed)
    compared = twin or shipped
    laid = use_case.task.scored(seen[use_case.target.column], compared.predict(seen), compared.positive)
    return Winner(
        predictor=shipped,
        twin=twin,
        candidate=decided.recipe.candidate,
        params=decided.recipe.params,
        seed=seed,
        cv_score=decided.score,
        fold_scores=decided.scores,
        train_score=float(metric_of(use_case).value(laid)),
        notes=decided.notes,
        trained_before=before,
        rows=rows,
        fit_seconds=round(time.process_time() - started, 3),
        cpu_seconds=round(time.process_time() - started + decided.search.cpu_seconds, 3),
        search=decided.search,
        out_of_fold=decided.out_of_fold,
    )


def fit_configuration(
    use_case: UseCase, snapshot: Snapshot, candidate: str, params: Mapping[str, Any], seed: int, n_jobs: int = 1
) -> Predictor:
    """A recorded winner fitted on `snapshot.train`: the same rows and seed give the same model."""
    rows = read_checked(snapshot.train, snapshot.train_sha256)
    return fit_recipe(use_case, rows, recorded(candidate, params), seed, n_jobs=n_jobs)
