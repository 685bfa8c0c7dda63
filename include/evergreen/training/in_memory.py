"""The search without a database: an in-memory study in this process, and child processes that only judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.features.target import classes_of
from evergreen.hashing import file_sha256
from evergreen.spec import UseCase
from evergreen.training.choose.options import seconds_of
from evergreen.training.errors import NotEnoughData
from evergreen.training.search.first_trials import enqueue, planned, usual_trials
from evergreen.training.search.search import HOPELESS, TrialProgress, limits_of, one_trial, work_of
from evergreen.training.search.study import opened
from evergreen.training.trial.worker import Limits, Worker

if TYPE_CHECKING:
    from evergreen.training.fit.winner import Winner

LEAST_ROWS = 10
_HEARS = 0.2
_PATIENCE = 5.0
"""Seconds that the final fits may take after Ctrl-C."""
_SHARE, _MOST = 0.2, 0.4
"""Of the budget: after this a booster stops adding trees, and after that a trial is ended."""
_SPARE, _DECIDING = 0.5, 0.015
"""Seconds, and a share of the budget, kept back for what is decided after the last trial."""
_MIXED, _MIXING, _SLOWER = 5, 0.1, 1.2
"""Models to keep time for, the share of the budget they may take, and how much slower a fit may be than expected."""


def search_in_memory(
    use_case: UseCase,
    train: pl.DataFrame,
    *,
    budget: timedelta | None,
    trials: int | None,
    workers: int,
    seed: int,
    workplace: Path,
    progress: Callable[[TrialProgress], None],
) -> Winner:
    """The best model of `train` (a table's rows) that `budget` of wall time, final fits included, or `trials` allow.

    At least one trial is always finished, whatever the budget. With one worker and a budget in trials alone the same
    rows and seed give the same model. Writes into `workplace`, an empty folder of the caller's. Ctrl-C ends the
    search with the best so far. Raises as `search.search`, and KeyboardInterrupt where no trial was finished.
    """
    started = time.monotonic()
    if budget is None and trials is None:
        trials = usual_trials(use_case)
    train = train.filter(train[use_case.target.column].is_not_null())
    if train.height < LEAST_ROWS:
        raise NotEnoughData(f"`{use_case.name}` has {train.height} rows to learn from and {LEAST_ROWS} are needed")
    classes_of(use_case, train[use_case.target.column])  # a target that can't be learned is said before anything starts
    workplace.mkdir(parents=True, exist_ok=True)
    rows = workplace / "train.parquet"
    train.write_parquet(rows)
    work = work_of(use_case, rows, file_sha256(rows), seed, 1, workplace / "trials")
    seconds = None if budget is None else budget.total_seconds()
    ends = None if seconds is None else started + seconds
    with ExitStack() as stack:
        judges = [stack.enter_context(Worker(work)) for _ in range(workers)]
        for judge in judges:
            judge.warm()  # they import what they need while this process does
        study = stack.enter_context(opened(use_case, None, "local", seed, workers))
        first, alone = planned(use_case, ())
        if alone:
            trials = min(trials or len(first), len(first))
        enqueue(study, first)
        crew = _Crew(use_case, study, trials, workers, seconds, ends, progress, Lock(), Event())
        stopped = crew.work_together(judges)
        for judge in judges:
            judge.end()  # what they hold is memory for the final fits
        left = None if ends is None else max(0.0, ends - time.monotonic() - crew.deciding) / _SLOWER
        if stopped:
            left = _PATIENCE
        from evergreen.training.fit.winner import fit_best

        best = fit_best(use_case, study, train, work.keep, seed, seconds=left, workers=workers)
        busy = _in_trials(study) - sum(judge.waited for judge in judges) + best.fit_seconds
        return replace(best, stopped=stopped, busy_seconds=busy)


def _import_what_comes_after() -> None:
    """What the final fits and saving the model take: seconds, of which nobody has to wait for any."""
    from evergreen.features.predictor import ready_to_save
    from evergreen.training.fit import winner  # noqa: F401

    ready_to_save()


def _in_trials(study: Any) -> float:
    """Seconds of all trials that came to an end, whatever it was."""
    spans = [(trial.datetime_start, trial.datetime_complete) for trial in study.get_trials(deepcopy=False)]
    return float(sum((end - start).total_seconds() for start, end in spans if start is not None and end is not None))


@dataclass(frozen=True)
class _Crew:
    """What the threads share: the study, and when to stop."""

    use_case: UseCase
    study: Any
    trials: int | None
    workers: int
    budget: float | None
    ends: float | None
    progress: Callable[[TrialProgress], None]
    lock: Lock
    stop: Event

    def work_together(self, judges: list[Worker]) -> bool:
        """A thread a judge until the budget is used up; True where a person ended it before, with something finished.

        Raises KeyboardInterrupt where nothing was, and the first error of a thread.
        """
        with ThreadPoolExecutor(len(judges)) as threads:
            try:
                made = [threads.submit(self.work, judge) for judge in judges]
                imported = False
                while wait(made, timeout=_HEARS).not_done:  # who waits without an end may not hear Ctrl-C
                    if not imported and all(judge.ready for judge in judges):
                        _import_what_comes_after()  # not before: they want the processors for the same
                        imported = True
                for each in made:
                    each.result()
            except KeyboardInterrupt:
                self.stop.set()
            else:
                return False
        if self._count("COMPLETE") == 0:
            raise KeyboardInterrupt
        return True

    def work(self, judge: Worker) -> None:
        """Make trials until the budget is used up. An error ends all threads' work."""
        try:
            while self._left():
                one_trial(self.use_case, self.study, judge, self._limits(), self.trials, self._say)
        except BaseException:
            self.stop.set()
            raise

    def _left(self) -> bool:
        from optuna.trial import TrialState

        if self.trials is not None:
            made = self.study.get_trials(deepcopy=False)
            begun = sum(trial.state != TrialState.WAITING for trial in made)
            if begun >= self.trials:
                return False
        return not self._over()

    def _over(self) -> bool:
        """Whether it is time for the final fit: not before one trial is finished, or many have failed."""
        if self.stop.is_set():
            return True
        if self.ends is None or time.monotonic() < self.ends - self._reserve():
            return False
        finished, failed = self._count("COMPLETE"), self._count("FAIL")
        return finished > 0 or failed >= HOPELESS * len(self.use_case.training.candidates)

    def _count(self, state: str) -> int:
        from optuna.trial import TrialState

        return len(self.study.get_trials(deepcopy=False, states=(TrialState[state],)))

    def _limits(self) -> Limits:
        """What the owner allows; with a budget of time no trial may take all of it."""
        own = limits_of(self.use_case)
        if self.budget is None or self.ends is None:
            return replace(own, over=self.stop.is_set)
        began = time.monotonic()
        left = self.ends - self._reserve() - began
        soft = max(0.5, min(left, self.budget * _SHARE))
        most = self.budget * _MOST

        def over() -> bool:
            return self._over() or (time.monotonic() - began > most and self._count("COMPLETE") > 0)

        return Limits(min(soft, own.soft or soft), own.seconds, own.bytes, over, self._over)

    @property
    def deciding(self) -> float:
        """Seconds for what is decided after the last trial, and said of the winner."""
        return _SPARE + _DECIDING * (self.budget or 0.0)

    def _reserve(self) -> float:
        """Seconds to decide and to fit the winner: the best model, and others to be mixed in where they are quick."""
        budget, spare = self.budget or 0.0, self.deciding
        if not self._count("COMPLETE"):
            return spare
        one = seconds_of(self.study.best_trial) * _SLOWER
        return spare + max(one, min(_MIXED * one / self.workers, _MIXING * budget))

    def _say(self, line: TrialProgress) -> None:
        with self.lock:
            self.progress(line)
