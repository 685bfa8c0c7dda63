"""One trial: what the study asks for is judged on every fold, and what came of it is noted."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergreen.spec import UseCase
from evergreen.training.search.study import (
    CPU,
    ERROR,
    FIT_SECONDS,
    FOLDS,
    LATENCY,
    OUT_OF_FOLD,
    OUT_OF_FOLD_HASH,
    OVER_BUDGET,
    REFIT,
    SIZE,
    TRAIN_SCORE,
)
from evergreen.training.trial.configuration import suggested
from evergreen.training.trial.work import PARTS, Judged, Pruned
from evergreen.training.trial.worker import TIMEOUT, CandidateFailed, Judging, Limits


def run_trial(use_case: UseCase, trial: Any, judging: Judging, limits: Limits) -> float:
    """The mean over folds of the use case's metric, each weighted alike.

    Raises CandidateFailed for whatever the estimator raises or where it went over its limits, and optuna's TrialPruned
    where its first folds are clearly worse than the best trial's, or the search ended before it did. Errors of ours (a
    wrong column) end the search.
    """
    from optuna import TrialPruned

    configuration = suggested(use_case, trial, judging.work.candidates)

    def on_fold(index: int, scores: tuple[float, ...]) -> bool:
        for part, score in enumerate(scores):
            trial.report(score, index * PARTS + part)  # folds may differ in their number of parts
        return not trial.should_prune()

    try:
        judged = judging.judge(configuration, f"trial-{trial.number}", on_fold, limits)
    except CandidateFailed as error:
        if error.reason == TIMEOUT and limits.through():
            trial.set_user_attr(OVER_BUDGET, True)
            raise TrialPruned from None
        trial.set_user_attr(ERROR, error.reason)
        raise
    except Pruned:
        raise TrialPruned from None
    note(trial, judged)
    return float(np.mean(judged.scores))


def note(trial: Any, judged: Judged) -> None:
    """Keep what a trial left as its attributes."""
    said = {
        FOLDS: list(judged.scores),
        CPU: judged.cpu_seconds,
        FIT_SECONDS: judged.fit_seconds,
        SIZE: judged.size,
        LATENCY: judged.latency,
        TRAIN_SCORE: judged.train_score,
        REFIT: judged.refit,
        OUT_OF_FOLD: judged.out_of_fold,
        OUT_OF_FOLD_HASH: judged.sha256,
    }
    for name, value in said.items():
        trial.set_user_attr(name, value)
