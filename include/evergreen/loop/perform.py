"""Do one step of a run, whoever asks.

Find the run, hand over what the step takes, note how it ended and what it cost.
"""

from __future__ import annotations

import inspect
import time
import typing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

from pydantic import TypeAdapter

from evergreen.errors import EvergreenError, PermanentError
from evergreen.ledger.errors import LedgerUnavailable
from evergreen.ledger.runs import (
    RunKey,
    StepState,
    begin_run,
    begin_step,
    end_step,
    get_run,
    note_state,
    spec_of,
)
from evergreen.loop.errors import NothingToDo
from evergreen.loop.flow import Stage, Step
from evergreen.loop.instance import Instance
from evergreen.loop.run import Asked, Run, Say
from evergreen.spec.store import dump_use_case, read_use_case

LONGEST_WORD = 500
"""Characters of a step's last word, or of its error, that the ledger keeps."""


def perform(
    instance: Instance,
    stage: Stage,
    step: Step,
    key: RunKey,
    given: Sequence[Any],
    *,
    asked: Asked,
    say: Say,
    part: str | int | None = None,
) -> Any:
    """Do a step and return its result as JSON.

    `given` are the results of the steps it takes, as JSON, in their order. Raises NothingToDo where there is nothing to
    do, and what the step raises.
    """
    heard: list[str] = []

    def saying(text: str) -> None:
        heard[:] = [text]
        say(text)

    first = step is stage.steps[0]
    run = _begin(instance, key, asked, saying) if first else _take_up(instance, key, asked, saying)
    function = _function(step)
    with _noted(run, stage, step, str(part) if part is not None else "", heard) as done:
        result = function(run, *_inputs(function, given, part))
        done(_as_json(function, result))
        return _as_json(function, result)


def _begin(instance: Instance, key: RunKey, asked: Asked, say: Say) -> Run:
    """Begin a run, or begin it again: the use case is read as its file says now."""
    use_case = instance.use_case(key.use_case)
    fingerprint, body = dump_use_case(use_case)
    with instance.ledger() as db:
        begin_run(db, key, asked_by=asked.who.by, door=asked.who.door, params=asked.params, spec=(fingerprint, body))
    return _take_up(instance, key, asked, say)


def _take_up(instance: Instance, key: RunKey, asked: Asked, say: Say) -> Run:
    """Go on with a run that has begun, with the use case of its beginning."""
    with instance.ledger() as db:
        row = get_run(db, key)
        if row is None or row.spec is None:
            raise PermanentError(
                f"Run `{key.run_id}` of `{key.use_case}.{key.kind}` has not begun. Run it again from its first step on."
            )
        body = spec_of(db, key.use_case, row.spec)
    return Run(instance, read_use_case(body, instance.folder(key.use_case)), row, asked.clock, say)


@contextmanager
def _noted(run: Run, stage: Stage, step: Step, part: str, heard: list[str]) -> Iterator[Callable[[Any], None]]:
    """Note a step's beginning and its end, cost included. A step that breaks off has cost as much."""
    instance, key = run.instance, run.key
    with instance.ledger() as db:
        begin_step(db, key, step.name, part)
        note_state(db, key, "running")
    wall, cpu = time.monotonic(), time.process_time()
    results: list[Any] = [None]

    def end(state: StepState, said: str | None) -> None:
        spent = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
        with instance.ledger() as db:
            word = said[:LONGEST_WORD] if said is not None else None
            end_step(db, key, step.name, part, state, said=word, result=results[0], **spent)
            _note_run(db, run, stage, step, state, word)

    try:
        yield lambda result: results.__setitem__(0, result)
    except NothingToDo as nothing:
        end("skipped", str(nothing))
        raise
    except BaseException as error:
        with suppress(LedgerUnavailable):  # what broke the step off is what has to be told
            end("failed", _in_words(error))
        raise
    end("done", heard[0] if heard else None)


def _note_run(db: Any, run: Run, stage: Stage, step: Step, state: StepState, said: str | None) -> None:
    """Where the run stands once this step has ended so."""
    steps = stage.steps_for(run.use_case)
    after = steps[steps.index(step) + 1 :]
    if state == "failed":
        note_state(db, run.key, "failed", said)
    elif state == "skipped":
        note_state(db, run.key, "skipped" if step is steps[0] else "done", said)
    elif not after:
        note_state(db, run.key, "done", said)
    elif after[0].asks:
        note_state(db, run.key, "waiting", said)


def _in_words(error: BaseException) -> str:
    """An error as the ledger may keep it: our own messages hold no row's value, others' might."""
    return str(error) if isinstance(error, EvergreenError) else type(error).__name__


def _function(step: Step) -> Callable[..., Any]:
    """What a step does, imported now: a DAG file that is parsed does not pay for it."""
    if step.call is None:
        raise PermanentError(f"Step `{step.name}` waits for a person's answer; nothing can be done in its place.")
    module, _, name = step.call.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"evergreen.loop.{module}"), name)
    return function


def _inputs(function: Callable[..., Any], given: Sequence[Any], part: str | int | None) -> list[Any]:
    """The step's arguments after the run, as the types that its signature names."""
    hints = typing.get_type_hints(function)
    names = list(inspect.signature(function).parameters)[1:]
    values = [*given, *([part] if part is not None else [])]
    return [
        TypeAdapter(hints[name]).validate_python(_plain(value))
        for name, value in zip(names[: len(values)], values, strict=True)
    ]


def _plain(value: Any) -> Any:
    """Airflow gives the results of a mapped step as a sequence of its own."""
    return value if value is None or isinstance(value, str | int | float | dict) else list(value)


def _as_json(function: Callable[..., Any], result: Any) -> Any:
    return TypeAdapter(typing.get_type_hints(function)["return"]).dump_python(result, mode="json")
