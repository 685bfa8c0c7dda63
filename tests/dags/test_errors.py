"""Which failures are tried again, which are not, and which are none: as the task runner itself decides it."""

from __future__ import annotations

from typing import Any

import pytest

from evergreen.errors import EvergreenError, PermanentError, TransientError


def every_task() -> list[tuple[str, str]]:
    from tests.dags.test_dags import TASKS

    return [(dag, task) for dag, tasks in TASKS.items() for task in tasks]


def decision(task: Any, error: BaseException) -> str:
    """What Airflow's task runner asks of the task's policy."""
    if task.is_mapped:
        task = task.unmap({"op_kwargs": {"given": [], **dict.fromkeys(task.op_kwargs_expand_input.value, "one")}})
    return str(task.retry_policy.evaluate(error, try_number=1, max_tries=3).action.value)


class SourceDown(TransientError):
    """Stands for the library's own kinds."""


class WrongColumn(PermanentError):
    """Stands for the library's own kinds."""


@pytest.mark.parametrize(("dag", "task"), every_task())
def test_promise_10_what_may_help_is_tried_again_and_what_can_not_fails_at_once(dags: Any, dag: str, task: str) -> None:
    one = dags[dag].task_dict[task]
    assert one.retries == 3
    assert decision(one, TransientError("a source is down")) == "retry"
    assert decision(one, SourceDown("a source is down")) == "retry"
    assert decision(one, PermanentError("a column is missing")) == "fail"
    assert decision(one, WrongColumn("a column is missing")) == "fail"
    assert decision(one, ConnectionResetError()) == "default"


def test_promise_10_every_error_of_the_library_is_of_one_of_the_kinds() -> None:
    import importlib
    import pkgutil

    import evergreen
    from evergreen.loop.errors import NothingToDo

    names = [m.name for m in pkgutil.walk_packages(evergreen.__path__, "evergreen.") if m.name.endswith(".errors")]
    found = [
        value
        for name in names
        for value in vars(importlib.import_module(name)).values()
        if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert len(found) > 10
    kinds = (PermanentError, TransientError, NothingToDo)
    assert [error for error in found if error is not EvergreenError and not issubclass(error, kinds)] == []


def test_nothing_to_do_is_a_skip_that_says_why() -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from evergreen.loop.errors import Held, NothingToDo
    from evergreen.orchestration.steps import as_task

    @as_task
    def run(error: Exception | None) -> str:
        if error is not None:
            raise error
        return "done"

    assert run(None) == "done"
    with pytest.raises(AirflowSkipException, match="no open item"):
        run(NothingToDo("no open item"))
    with pytest.raises(AirflowSkipException, match="held since a rollback"):
        run(Held("held since a rollback"))
    with pytest.raises(PermanentError):
        run(PermanentError("a column is missing"))


def test_a_task_that_is_ended_from_outside_cleans_up_and_is_over() -> None:
    import os
    import signal
    import time

    from evergreen.orchestration.steps import as_task

    done = []

    @as_task
    def run() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
            done.append("went on")
        except BaseException:
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("cleaned up")
            raise

    def airflows(*_: object) -> None:
        """Lets the task go on."""

    before = signal.signal(signal.SIGTERM, airflows)
    try:
        with pytest.raises(SystemExit):
            run()
        assert done == ["cleaned up"], "a second signal does not come between"
        assert signal.getsignal(signal.SIGTERM) is airflows
    finally:
        signal.signal(signal.SIGTERM, before)
