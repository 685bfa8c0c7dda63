"""One trial: a candidate with parameters, fitted and judged on every fold."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import EvergreenError
from ..features.fitting import fit
from ..metrics.registry import metric_of
from ..metrics.scored import scored
from ..spec import UseCase
from .candidates import CANDIDATES
from .folds import Fold
from .study import CANDIDATE, CPU, ERROR, FOLDS


class CandidateFailed(Exception):
    """A configuration could not be fitted or judged; its trial fails and the search goes on."""


def run_trial(use_case: UseCase, trial: Any, folds: list[Fold], seed: int, n_jobs: int) -> float:
    """The mean over folds of the use case's metric, each weighted alike; notes fold scores and CPU seconds.

    Raises CandidateFailed for whatever the estimator raises. Errors of ours (a wrong column) end the search.
    """
    name = trial.suggest_categorical(CANDIDATE, list(use_case.training.candidates))
    params = CANDIDATES[name].suggest(trial, use_case.task)
    started = time.process_time()
    try:
        scores = [score_fold(use_case, name, params, fold, seed, n_jobs) for fold in folds]
    except EvergreenError:
        raise
    except Exception as error:
        # the message may quote values of a row; the type does not
        trial.set_user_attr(ERROR, type(error).__name__)
        raise CandidateFailed(f"{name}: {type(error).__name__}") from error
    trial.set_user_attr(FOLDS, scores)
    trial.set_user_attr(CPU, round(time.process_time() - started, 3))
    mean = float(np.mean(scores))
    if not np.isfinite(mean):
        trial.set_user_attr(ERROR, "NotFinite")
        raise CandidateFailed(f"{name}: its score is not a number")
    return mean


def score_fold(
    use_case: UseCase, name: str, params: Mapping[str, Any], fold: Fold, seed: int, n_jobs: int = 1
) -> float:
    """Fit on the fold's rows to learn from, and on nothing else; the metric on its rows to be judged on."""
    predictor = fit(use_case, fold.learn, CANDIDATES[name], params, seed, n_jobs)
    judged = scored(
        use_case.task, fold.judge[use_case.target.column], predictor.predict(fold.judge), predictor.positive
    )
    return metric_of(use_case).value(judged)
