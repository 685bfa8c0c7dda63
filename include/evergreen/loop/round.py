"""Once round the loop in one process: the same flow as the DAGs, without Airflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergreen.errors import PermanentError
from evergreen.ledger.open import only_one
from evergreen.ledger.runs import RunKey
from evergreen.loop.claims import give_back
from evergreen.loop.errors import NothingToDo
from evergreen.loop.flow import Stage, Step
from evergreen.loop.instance import Instance
from evergreen.loop.perform import perform
from evergreen.loop.run import Asked, Say


def go_round(instance: Instance, name: str, stages: Sequence[Stage], run_id: str, *, asked: Asked, say: Say) -> None:
    """Do these stages one after another; one with nothing to do says why. A killed run is taken up under its id.

    Raises Busy while another process goes round with this use case.
    """
    with only_one(instance.engine, name, "round"):
        for stage in stages:
            try:
                go_through(instance, name, stage, run_id, asked=asked, say=say)
            except NothingToDo as nothing:
                say(_line(stage.name, str(nothing)))
            except PermanentError:
                give_back(instance, name, run_id)
                raise


def go_through(instance: Instance, name: str, stage: Stage, run_id: str, *, asked: Asked, say: Say) -> None:
    """Do a stage's steps in their order. Raises NothingToDo where its first step finds nothing to do."""
    key, results = RunKey(name, stage.name, run_id), dict[str, Any]()
    steps = stage.steps_for(instance.use_case(name))
    for step in steps:
        if step.asks:
            if step.command is not None:
                command = step.command.format(use_case=name, **results)
                say(_line(step.name, f"waits for an answer: `{command}`"))
            return

        def saying(text: str, step: Step = step) -> None:
            say(_line(step.name, text))

        given = [results[taken] for taken in step.takes if taken in results]
        try:
            if step.each is None:
                results[step.name] = perform(instance, stage, step, key, given, asked=asked, say=saying)
                continue
            parts = step.each.parts(instance.use_case(name))
            results[step.name] = [
                perform(instance, stage, step, key, given, asked=asked, say=saying, part=part)
                for part in (parts[:1] if step.each.shared else parts)
            ]
        except NothingToDo:
            if step is steps[0]:
                raise
            return  # the steps before have said why


def _line(what: str, text: str) -> str:
    return f"{what:10} {text}"
