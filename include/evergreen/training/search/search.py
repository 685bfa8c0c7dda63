"""Look for the best configuration: one Optuna study, any number of workers, one budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from evergreen.artifacts import Snapshot
from evergreen.spec import UseCase
from evergreen.training.search.first_trials import enqueue, planned, usable_candidates
from evergreen.training.search.lost_trials import give_back
from evergreen.training.search.objective import run_trial
from evergreen.training.search.study import ERROR, OVER_BUDGET, opened, spent, take_up_lost
from evergreen.training.search.summary import SearchSummary, summary
from evergreen.training.trial.configuration import CANDIDATE, Configuration
from evergreen.training.trial.work import Work
from evergreen.training.trial.worker import CandidateFailed, Judging, Limits, Worker

TRIALS = "trials-"
"""What the names of folders with out-of-fold predictions begin with."""
HOPELESS = 2
"""After so many failed trials a candidate, and none finished, a search whose time is up gives up."""
_WAIT, _LEAST = 1.0, 5.0
"""Seconds between two looks at the study, and those that a trial begun within the budget may take in any case."""


@dataclass(frozen=True, slots=True)
class TrialProgress:
    """What a worker says after each of its trials; `str` of it is a line for the log."""

    trial: int
    done: int
    trials: int | None
    candidate: str
    score: float | None
    best: float | None
    metric: str
    seconds: float
    state: str = "failed"
    """Why there is no score: `failed`, or `pruned` where its first folds were clearly worse than the best trial's."""

    def __str__(self) -> str:
        score = f"{self.metric} {self.score:.5f}" if self.score is not None else self.state
        best = f", best {self.best:.5f}" if self.best is not None else ""
        of = f" of {self.trials}" if self.trials is not None else ""
        return f"trial {self.done}{of}: {self.candidate} {score} in {self.seconds:.1f} s{best}"


def search(
    use_case: UseCase,
    snapshot: Snapshot,
    *,
    storage: str,
    study: str,
    worker: int,
    workers: int,
    trials: int,
    timeout: timedelta,
    seed: int,
    progress: Callable[[TrialProgress], None],
    n_jobs: int = 1,
    judging: Callable[[Work], Judging] = Worker,
    champion: Sequence[Configuration] = (),
) -> SearchSummary:
    """Try configurations until all workers together have made `trials`, or used `timeout` × `workers` of fitting time.

    `worker` counts from 0; worker 0 puts the known-good configurations in front, those of the `champion` before all. At
    least one trial is always finished. Called again it goes on where the study stands, also after a crash: the trial of
    a killed worker is noticed by its missing heartbeat and tried again. A worker that is done waits for those that are
    not: who returns finds the study complete. With one worker and a budget in trials the same snapshot and seed give
    the same study. A configuration that fails, or goes over its limits, costs one trial. Only rows of `snapshot.train`
    are read.

    Raises SearchFailed when every trial failed, NotEnoughData, WrongColumns, UnusableTarget, and StudyUnreachable.
    """
    work = work_of(use_case, snapshot.train, snapshot.train_sha256, seed, n_jobs, trials_folder(snapshot, study))
    first, alone = planned(use_case, champion)
    trials = min(trials, len(first)) if alone else trials
    seconds = timeout.total_seconds() * workers
    with opened(use_case, storage, study, seed + worker, workers) as found, judging(work) as judge:
        if worker == 0:
            enqueue(found, first)
        judge.warm()
        while True:
            if _budget_left(use_case, found, trials, seconds):
                over = _Over(found, seconds)
                limits = replace(limits_of(use_case), over=over.look, through=over.was)
                one_trial(use_case, found, judge, limits, trials, progress)
            elif spent(found).running:
                time.sleep(_WAIT)  # another worker is at its last trial, or was killed at it
            else:
                return summary(found)


def limits_of(use_case: UseCase) -> Limits:
    """What the owner allows one trial. Boosters stop in time to be judged."""
    search = use_case.training.search
    seconds = search.trial_timeout.total_seconds() if search.trial_timeout is not None else None
    return Limits(soft=None if seconds is None else 0.8 * seconds, seconds=seconds, bytes=search.trial_memory)


def trials_folder(snapshot: Snapshot, study: str) -> Path:
    """Where the workers of a study keep their out-of-fold predictions."""
    return snapshot.train.parent / f"{TRIALS}{study}"


def work_of(use_case: UseCase, train: Path, train_sha256: str, seed: int, n_jobs: int, keep: Path) -> Work:
    """What a worker process is given once: everything but the configurations."""
    return Work(use_case, train, train_sha256, seed, n_jobs, keep, usable_candidates(use_case))


def one_trial(
    use_case: UseCase,
    study: Any,
    judging: Judging,
    limits: Limits,
    trials: int | None,
    progress: Callable[[TrialProgress], None],
) -> None:
    """Make the next trial of the study and say what came of it. Raises as `search`."""

    def objective(trial: Any) -> float:
        if trials is not None and sum(number < trial.number for number in spent(study).numbers) >= trials:
            from optuna import TrialPruned

            trial.set_user_attr(OVER_BUDGET, True)  # another worker took the last place in the meantime
            raise TrialPruned
        try:
            return run_trial(use_case, trial, judging, limits)
        except Exception:
            raise
        except BaseException:  # told to stop: nothing is known of the configuration
            give_back(study, trial)
            raise

    def report(_: Any, trial: Any) -> None:
        if not trial.user_attrs.get(OVER_BUDGET):
            progress(_progress(use_case, study, trial, trials))

    study.optimize(objective, n_trials=1, catch=(CandidateFailed,), callbacks=[report])


class _Over:
    """Whether a trial that begins now has to end for the search's time to hold: not before a trial is finished."""

    def __init__(self, study: Any, seconds: float) -> None:
        used = spent(study)
        left = (seconds - used.seconds) / (used.running + 1)
        self._study, self._next = study, time.monotonic() + max(_LEAST, left)
        self._over = False

    def look(self) -> bool:
        """Asks the study once a second at most."""
        if not self._over and time.monotonic() >= self._next:
            self._next = time.monotonic() + _WAIT
            self._over = _finished(self._study) > 0
        return self._over

    def was(self) -> bool:
        """Whether the last look said so."""
        return self._over


def _finished(study: Any) -> int:
    from optuna.trial import TrialState

    return len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))


def _budget_left(use_case: UseCase, study: Any, trials: int, seconds: float) -> bool:
    """Also when it is used up, while nothing is finished, nobody is at work on it, and there is hope."""
    take_up_lost(study)
    used = spent(study)
    if len(used.numbers) >= trials:
        return False
    hope = len(used.numbers) < HOPELESS * len(use_case.training.candidates)
    return used.seconds < seconds or (not _finished(study) and not used.running and hope)


def _progress(use_case: UseCase, study: Any, trial: Any, trials: int | None) -> TrialProgress:
    from optuna.trial import TrialState

    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    used = spent(study)
    took = (trial.datetime_complete - trial.datetime_start).total_seconds() if trial.datetime_complete else 0.0
    return TrialProgress(
        trial=trial.number,
        done=len(used.numbers) - used.running,
        trials=trials,
        candidate=str(trial.params.get(CANDIDATE, "?")),
        score=trial.value if trial.state == TrialState.COMPLETE else None,
        best=study.best_value if complete else None,
        metric=use_case.metric,
        seconds=took,
        state=trial.state.name.lower() if trial.state == TrialState.PRUNED else trial.user_attrs.get(ERROR, "failed"),
    )
