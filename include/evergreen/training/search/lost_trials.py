"""Trials that nobody is at work on any more: they cost nothing, and their configurations are tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

GIVEN_BACK = "given_back"
"""Attribute of a trial whose search was told to stop in the middle of it."""


def give_back(study: Any, trial: Any) -> None:
    """Put a trial's configuration back into the queue, for its search is being stopped; the trial does not count."""
    trial.set_user_attr(GIVEN_BACK, True)
    if trial.params:
        study.enqueue_trial(trial.params)


def fail_stale(study: Any, grace: timedelta, now: datetime) -> None:
    """Notice trials whose worker was killed, by their missing heartbeat, and put them back into the queue.

    A worker killed before its trial's first heartbeat leaves none that could be missing: such a trial is lost when it
    is older than `grace` (`now` as Optuna writes it: local time without a zone).
    """
    from optuna.storages import RetryHeartbeatStaleTrialCallback, fail_stale_trials
    from optuna.trial import TrialState

    fail_stale_trials(study)
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    old = [trial for trial in running if trial.datetime_start is not None and now - trial.datetime_start > grace]
    beating = _with_heartbeat(study) if old else frozenset()
    for trial in old:
        if trial._trial_id not in beating:  # noqa: SLF001 - what the table of heartbeats calls it
            study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
            RetryHeartbeatStaleTrialCallback(max_retry=2)(study, trial)


def _with_heartbeat(study: Any) -> frozenset[int]:
    from sqlalchemy import text

    engine = study._storage._backend.engine  # noqa: SLF001 - a study does not say where it is kept
    with engine.connect() as connection:
        return frozenset(connection.execute(text("select trial_id from trial_heartbeats")).scalars())
