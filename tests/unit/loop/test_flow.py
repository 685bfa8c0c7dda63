"""The flow is said once: a step that is added there is found under both doors."""

from __future__ import annotations

import inspect
import typing
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from evergreen.loop import flow
from evergreen.loop.flow import STAGES, Stage, Step

STEPS = [(stage, step) for stage in STAGES for step in stage.steps]


def function(step: Step) -> Any:
    assert step.call is not None
    module, _, name = step.call.partition(":")
    return getattr(import_module(f"evergreen.loop.{module}"), name)


@pytest.mark.parametrize(("stage", "step"), [pytest.param(*one, id=f"{one[0].name}.{one[1].name}") for one in STEPS])
def test_a_step_takes_what_the_steps_before_it_give(stage: Stage, step: Step) -> None:
    before = {one.name: one for one in stage.steps[: stage.steps.index(step)]}
    assert {*step.takes, *step.after} <= set(before)
    if step.asks:
        return
    hints = typing.get_type_hints(function(step))
    names = list(inspect.signature(function(step)).parameters)[1:]
    assert len(names) >= len(step.takes) + (step.each is not None)
    for name, taken in zip(names, step.takes, strict=False):
        giver = before[taken]
        if giver.asks:
            continue
        given = typing.get_type_hints(function(giver))["return"]
        assert hints[name] == (list[given] if giver.each is not None else given), f"{step.name} takes {taken}"  # type: ignore[valid-type]


def test_every_stage_but_the_first_is_woken_by_an_asset_of_another() -> None:
    for stage in STAGES[1:]:
        assert stage.woken_by
        assert set(stage.woken_by) <= set(flow.ASSETS)


@pytest.fixture
def another(monkeypatch: pytest.MonkeyPatch) -> Step:
    """One more step at the end of scoring, added in one place."""
    step = Step("tell", "Tell somebody.", "score:write", ("score",))
    longer = replace(flow.SCORE, steps=(*flow.SCORE.steps, step))
    stages = tuple(longer if stage.name == "score" else stage for stage in STAGES)
    monkeypatch.setattr(flow, "STAGES", stages)
    return step


def test_a_step_that_is_added_in_one_place_is_found_under_both_doors(
    another: Step, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from evergreen.loop import round as rounds
    from evergreen.spec import parse_use_case

    use_case = parse_use_case((Path(__file__).parents[3] / "include/use_cases/churn/use_case.yaml").read_text())
    build = import_module("evergreen.orchestration.build")
    dag = build.build_dag(flow.stage("score"), use_case)
    assert [task.task_id for task in dag.topological_sort()][-1] == another.name
    assert dag.task_dict[another.name].upstream_task_ids == {"score"}

    done: list[str] = []
    monkeypatch.setattr(rounds, "perform", lambda _instance, _stage, step, *_args, **_kwargs: done.append(step.name))
    instance: Any = type("Instance", (), {"use_case": lambda _self, _name: use_case})()
    rounds.go_through(instance, "churn", flow.stage("score"), "run", asked=None, say=print)  # type: ignore[arg-type]
    assert done == ["score", "write", another.name]
