"""What every task shares: retries by the kind of error, a skip when there is nothing to do, references through JSON."""

from __future__ import annotations

import functools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule


def give_back(context: Any) -> None:
    """When a task has failed for good: let the next run take up what this one had claimed in the ledger."""
    from evergreen.loop import claims
    from evergreen.orchestration.door import open_instance

    claims.give_back(open_instance(), context["ti"].dag_id.rpartition(".")[0], context["run_id"])


RETRIES: dict[str, Any] = {
    "on_failure_callback": give_back,
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(exception="evergreen.errors.PermanentError", action=RetryAction.FAIL, reason="can't help"),
            RetryRule(exception="evergreen.errors.TransientError", action=RetryAction.RETRY, reason="may help"),
        ]
    ),
}
"""Arguments of every task: a TransientError is tried again, a PermanentError fails at once."""


def step(function: Callable[..., Any]) -> Callable[..., Any]:
    """Run a task's function; NothingToDo becomes a skip that says why, SIGTERM ends it as Ctrl-C would."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        from airflow.sdk.exceptions import AirflowSkipException

        from evergreen.loop.errors import NothingToDo

        try:
            with _ended_by_sigterm():
                return function(*args, **kwargs)
        except NothingToDo as nothing:
            raise AirflowSkipException(str(nothing)) from None

    return run


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    # Airflow's own handler leaves the task at work until it is killed: a rollout would keep its share of the traffic.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    task = os.getpid()

    def end(number: int, _: object) -> None:
        if os.getpid() == task:  # a fork inherits this
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: what cleans up is to come to its end
            raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
