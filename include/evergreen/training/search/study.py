"""The Optuna study that several workers share: where it is kept, what has been spent of its budget, what it found."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from evergreen.metrics.registry import metric_of
from evergreen.spec import UseCase
from evergreen.training.errors import StudyUnreachable
from evergreen.training.search.lost_trials import GIVEN_BACK, fail_stale

HEARTBEAT, GRACE = 5, 45
"""Seconds between a worker's signs of life, and after which silence means that it was killed."""
FOLDS, CPU, ERROR, OVER_BUDGET, REFIT = "folds", "cpu_seconds", "error", "over_budget", "refit"
FIT_SECONDS, SIZE, LATENCY, OUT_OF_FOLD, OUT_OF_FOLD_HASH, TRAIN_SCORE = (
    "fit_seconds", "size", "latency", "out_of_fold", "out_of_fold_sha256", "train_score",
)  # fmt: skip
"""Names of what a trial leaves, as its attributes; what they mean says `work.Judged`."""
_CONNECT = 3


@contextmanager
def opened(use_case: UseCase, storage: str | None, study: str, seed: int, workers: int = 1) -> Iterator[Any]:
    """The study, made where it is missing; its database connections are closed at the end. Without `storage` it is in
    memory, for the threads of one process.

    Raises StudyUnreachable, without the URL in it.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    kept = _storage(storage) if storage is not None else None
    try:
        with _experimental():  # `group` keeps each candidate's own parameters together
            pruner = optuna.pruners.WilcoxonPruner()
            sampler: optuna.samplers.BaseSampler = optuna.samplers.RandomSampler(seed=seed)
            if use_case.training.search.strategy in {"tpe", "refit"}:
                sampler = optuna.samplers.TPESampler(
                    seed=seed, multivariate=True, group=True, constant_liar=workers > 1
                )
        direction: Literal["maximize", "minimize"] = "maximize" if metric_of(use_case).higher_is_better else "minimize"
        yield optuna.create_study(
            storage=kept, study_name=study, sampler=sampler, pruner=pruner, direction=direction, load_if_exists=True
        )
    finally:
        if kept is not None:
            kept.remove_session()
            kept.engine.dispose()


@contextmanager
def _experimental() -> Iterator[None]:
    """Optuna warns at every use of what it may still change; the version is pinned and the tests know it."""
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield


def forget_failed(storage: str, study: str) -> None:
    """Throw away a study whose every trial failed: whoever begins again has mended something and tries anew.

    Not while anybody is at work on it. Raises StudyUnreachable, without the URL in it.
    """
    import optuna
    from optuna.trial import TrialState

    kept = _storage(storage)
    try:
        if study not in optuna.study.get_all_study_names(kept):
            return
        made = optuna.load_study(study_name=study, storage=kept).get_trials(deepcopy=False)
        states = {trial.state for trial in made}
        if TrialState.FAIL in states and not {TrialState.COMPLETE, TrialState.RUNNING} & states:
            optuna.delete_study(study_name=study, storage=kept)
    finally:
        kept.remove_session()
        kept.engine.dispose()


def take_up_lost(study: Any) -> None:
    """Notice trials whose worker was killed, so that they are tried again. A study in memory can't have any."""
    from optuna.storages import RDBStorage

    if isinstance(getattr(study._storage, "_backend", None), RDBStorage):  # noqa: SLF001 - it does not say
        with _experimental():
            fail_stale(study, timedelta(seconds=GRACE), _local(datetime.now(UTC)))


def _storage(url: str) -> Any:
    """Workers that start together may all try to create the tables; who comes second tries again."""
    from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
    from sqlalchemy.exc import DatabaseError

    for attempt in range(1, _CONNECT + 1):
        try:
            with _experimental():
                return RDBStorage(
                    url,
                    heartbeat_interval=HEARTBEAT,
                    grace_period=GRACE,
                    heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=2),
                )
        except DatabaseError as error:
            if attempt == _CONNECT:
                raise StudyUnreachable(
                    f"Optuna's database could not be opened ({type(error).__name__}); is its server running? "
                    "The address is the setting EVERGREEN_OPTUNA_URL."
                ) from None
            time.sleep(0.5 * attempt)
    raise AssertionError  # pragma: no cover


@dataclass(frozen=True)
class Spent:
    """Trials that count towards the budget, by number, and the seconds they took (running ones until now)."""

    numbers: tuple[int, ...]
    seconds: float
    running: int


def spent(study: Any) -> Spent:
    """What all workers together have used. A trial whose worker was killed or stopped counts once, as its retry."""
    from optuna.storages import RetryHeartbeatStaleTrialCallback
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False)
    with _experimental():
        retried = {RetryHeartbeatStaleTrialCallback.retried_trial_number(trial) for trial in trials}
    now = _local(datetime.now(UTC))
    numbers, seconds, running = [], timedelta(0), 0
    for trial in trials:
        uncounted = GIVEN_BACK in trial.user_attrs or trial.number in retried
        if trial.state == TrialState.WAITING or uncounted:
            continue
        if OVER_BUDGET not in trial.user_attrs:  # the search's end ended it: no trial, but its time is gone
            numbers.append(trial.number)
        running += trial.state == TrialState.RUNNING
        if trial.datetime_start is not None:
            ended = trial.datetime_complete or now
            seconds += max(timedelta(0), ended - trial.datetime_start)
    return Spent(tuple(sorted(numbers)), seconds.total_seconds(), running)


def _local(now: datetime) -> datetime:
    """Optuna writes local times without a zone."""
    return now.astimezone().replace(tzinfo=None)
