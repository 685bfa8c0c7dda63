"""What every task shares: retries by the kind of error, a skip when there is nothing to do, references through JSON."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule


def give_back(context: Any) -> None:
    """When a task has failed for good: let the next run take up what this one had claimed in the ledger."""
    from ..loop import claims
    from .door import open_instance

    claims.give_back(open_instance(), context["run_id"])


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
    """Run a task's function; NothingToDo becomes a skip that says why."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        from airflow.sdk.exceptions import AirflowSkipException

        from ..loop.errors import NothingToDo

        try:
            return function(*args, **kwargs)
        except NothingToDo as nothing:
            raise AirflowSkipException(str(nothing)) from None

    return run
