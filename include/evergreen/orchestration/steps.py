"""A step of the flow as a task: retries by the kind of error, a skip when there is nothing to do."""

from __future__ import annotations

import functools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context, task

from evergreen.loop.flow import Stage, Step
from evergreen.orchestration.assets import asset_of
from evergreen.spec import UseCase

APPROVE, REJECT = "Approve", "Reject"


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


def task_of(stage: Stage, step: Step, use_case: UseCase, given: list[Any]) -> Any:
    """The step's task, given the results of earlier ones."""
    if step.asks:
        return _question(step, use_case)
    name, each = use_case.name, step.each
    asked_of = [place for place, taken in enumerate(_taken(stage, step, use_case)) if taken.asks]

    def run(given: list[Any], part: str | int | None = None) -> Any:
        from evergreen.ledger.runs import RunKey
        from evergreen.loop.perform import perform
        from evergreen.orchestration.door import asked, open_instance

        context, instance = get_current_context(), open_instance()
        if each is not None:
            label = part if isinstance(part, str) else f"{each.name} {part}"
            context["label"] = label  # type: ignore[typeddict-unknown-key]
        key = RunKey(name, stage.name, context["run_id"])
        inputs = [_answer(value) if place in asked_of else value for place, value in enumerate(given)]
        who = asked(context, instance)
        return perform(instance, stage, step, key, inputs, asked=who, say=print, part=part)

    run.__name__, run.__doc__ = step.name, step.does
    options: dict[str, Any] = {"task_id": step.name, "doc_md": step.does}
    if step.wakes is not None:
        options["outlets"] = [asset_of(name, step.wakes)]
    if each is None:
        return task(**options)(as_task(run))(given=given)
    mapped = task(**options, map_index_template="{{ label }}")(as_task(run))
    return mapped.partial(given=given).expand(part=list(each.parts(use_case)))


def _taken(stage: Stage, step: Step, use_case: UseCase) -> list[Step]:
    there = {one.name: one for one in stage.steps_for(use_case)}
    return [there[name] for name in step.takes if name in there]


def _question(step: Step, use_case: UseCase) -> Any:
    """A task that waits for a person's answer about the gate's challenger."""
    from airflow.providers.standard.operators.hitl import HITLOperator

    promotion = use_case.promotion
    # not ApprovalOperator: its "no" skips the task that would write it into the ledger
    return HITLOperator(
        task_id=step.name,
        doc_md=step.does,
        subject=f"Ship the challenger of {use_case.name}?",
        body="{{ ti.xcom_pull(task_ids='gate')['verdict'].replace('_', ' ').capitalize() }}:\n"
        "{% for r in ti.xcom_pull(task_ids='gate')['reasons'] %}\n- {{ r['text'] }}{% endfor %}",
        options=[APPROVE, REJECT],
        defaults=APPROVE if promotion.approve_default == "approve" else REJECT,
        response_timeout=promotion.approve_within,
    ).output


def _answer(said: Any) -> dict[str, Any]:
    """What a person chose in Airflow, as the step takes it."""
    person = said.get("responded_by_user") or {}
    return {"approved": said["chosen_options"] == [APPROVE], "by": person.get("name") or person.get("id")}


def as_task(function: Callable[..., Any]) -> Callable[..., Any]:
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
