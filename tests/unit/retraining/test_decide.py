"""The retrain decision, each rule by example."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.retraining.kit import AS_OF, CALM, facts, use_case

from evergreen.artifacts import Reason, RetrainDecision
from evergreen.retraining import Facts, WindowFact, decide
from evergreen.spec.base import Gain


def windows(*states: str, drop: float | None = None) -> tuple[WindowFact, ...]:
    """A window a word: `fine`, `drift`, `drop`, `both`, `blind` (drifted, no labels), `unknown`; oldest first."""
    return tuple(
        WindowFact(
            ends=AS_OF - timedelta(weeks=len(states) - 1 - index),
            drift=None if state == "unknown" else state in {"drift", "both", "blind"},
            performance=None if state in {"unknown", "blind"} else state in {"drop", "both"},
            drop=None
            if state in {"unknown", "blind"}
            else drop
            if drop is not None
            else 0.05 * (state in {"drop", "both"}),
        )
        for index, state in enumerate(states)
    )


def reason(decision: RetrainDecision, check: str) -> Reason:
    return next(item for item in decision.reasons if item.check == check)


@dataclass(frozen=True)
class Case:
    name: str
    yes: bool
    says: str
    """The check whose reason decides, and a part of its words."""
    facts: Facts
    rules: dict[str, Any]


def case(name: str, says: str, *, yes: bool, rules: dict[str, Any] | None = None, **changed: Any) -> Case:
    return Case(name, yes, says, facts(**changed), rules or {})


COLD = {"release": None, "labelled_at_training": None, "trained_at": None, "tried_at": None, "expected_cost": None}
DROPPED = {"windows": windows("fine", "drop", "drop")}
CASES = [
    case("calm", "decision: Nothing asks for it.", yes=False),
    case(
        "cold start",
        "release: There is no release yet, and 33,000 labelled rows are enough (400 needed).",
        yes=True,
        **COLD,
    ),
    case(
        "cold start, few rows",
        "enough_rows: 399 labelled rows are too few. 400 are needed",
        yes=False,
        **{**COLD, "labelled": 399},
    ),
    case(
        "cold start, enough",
        "enough_rows: 400 labelled rows are enough (400 needed).",
        yes=True,
        **{**COLD, "labelled": 400},
    ),
    case("cold start, policy never", "policy: by hand only", yes=False, rules={"policy": "never"}, **COLD),
    case("cold start, on hold", "hold: v3 was restored", yes=False, **{**COLD, "hold": "v3 was restored"}),
    case(
        "cold start, the same night as a failed try",
        "cooldown: failed 23h ago, on 2013-04-30 03:00. The cooldown (1d until there is a release) still runs.",
        yes=False,
        **{**COLD, "failed_at": AS_OF - timedelta(hours=23)},
    ),
    case(
        "cold start, the night after a failed try",
        "cooldown: A training failed 1d ago, on 2013-04-30 02:00. The cooldown (1d until there is a release) is over.",
        yes=True,
        **{**COLD, "failed_at": AS_OF - timedelta(days=1)},
    ),
    case(
        "cold start, a shorter cooldown",
        "cooldown: A training failed 6h ago, on 2013-04-30 20:00. The cooldown (6h) is over.",
        yes=True,
        rules={"cooldown": timedelta(hours=6)},
        **{**COLD, "failed_at": AS_OF - timedelta(hours=6)},
    ),
    case(
        "cold start after a gate that was failed",
        "cooldown: The last training was 1d ago, on 2013-04-30 02:00. The cooldown (3d) still runs.",
        yes=False,
        **{**COLD, "tried_at": AS_OF - timedelta(days=1)},
    ),
    case(
        "after a failed try beside a release",
        "cooldown: A training failed 1d ago, on 2013-04-30 02:00. The cooldown (3d) still runs.",
        yes=False,
        failed_at=AS_OF - timedelta(days=1),
        **DROPPED,
    ),
    case(
        "performance fell",
        "trigger: 2 of the last 3 windows are in violation by performance, the latest too.",
        yes=True,
        **DROPPED,
    ),
    case(
        "one bad window",
        "trigger: 1 of the last 3 windows is in violation; 2 are needed.",
        yes=False,
        windows=windows("fine", "fine", "drop"),
    ),
    case(
        "not the latest",
        "trigger: 2 of the last 3 windows are in violation, but not the latest.",
        yes=False,
        windows=windows("drop", "drop", "fine"),
    ),
    case("too long ago", "trigger: 1 of the last 3", yes=False, windows=windows("drop", "fine", "fine", "drop")),
    case(
        "fewer windows than asked",
        "trigger: 1 of the last 1 window is in violation",
        yes=False,
        windows=windows("drop"),
    ),
    case(
        "drift that costs nothing",
        "trigger: by drift alone. No gain is expected",
        yes=False,
        windows=windows("drift", "drift", "drift"),
    ),
    case(
        "drift that costs less than a gate asks",
        "expected_gain: The gate asks for 0.0020.",
        yes=False,
        windows=windows("drift", "drift", drop=0.001),
    ),
    case("drift that costs a little", "trigger: by drift", yes=True, windows=windows("drift", "drift", drop=0.01)),
    case("drift without labels", "trigger: by drift", yes=True, windows=windows("blind", "blind")),
    case(
        "drift without labels, few new rows",
        "min_new_rows: 1,204 new labelled rows have come since release 2; 2,000 are needed.",
        yes=False,
        windows=windows("blind", "blind"),
        labelled=31_204,
    ),
    case(
        "performance fell, few new rows", "min_new_rows: 1,204 new labelled rows", yes=False, labelled=31_204, **DROPPED
    ),
    case(
        "windows that could not be judged",
        "trigger: 0 of the last 2 windows",
        yes=False,
        windows=windows("unknown", "unknown"),
    ),
    case(
        "grown",
        "growth: Labelled rows have grown by 30.0% since release 2 was trained; `growth` is 30%.",
        yes=True,
        labelled=39_000,
    ),
    case("grown a little less", "growth: `growth` is 30%.", yes=False, labelled=38_999),
    case(
        "old",
        "at_least_every: Release 2 was trained 28d ago; `at_least_every` is 28d.",
        yes=True,
        trained_at=AS_OF - timedelta(days=28),
        tried_at=AS_OF - timedelta(days=28),
    ),
    case(
        "old, and age does not count",
        "at_least_every: `at_least_every` is not set.",
        yes=False,
        rules={"at_least_every": None},
        trained_at=AS_OF - timedelta(days=400),
        tried_at=AS_OF - timedelta(days=400),
    ),
    case("the YAML changed", "spec_changed: has changed", yes=True, spec_changed=True),
    case(
        "cooldown",
        "cooldown: The last training was 2d 23h ago",
        yes=False,
        tried_at=AS_OF - timedelta(days=2, hours=23),
        **DROPPED,
    ),
    case(
        "cooldown over", "cooldown: The cooldown (3d) is over.", yes=True, tried_at=AS_OF - timedelta(days=3), **DROPPED
    ),
    case(
        "clock moved back",
        "cooldown: The last training was -1d ago",
        yes=False,
        tried_at=AS_OF + timedelta(days=1),
        **DROPPED,
    ),
    case(
        "budget spent",
        "budget: took 25m in the last week; the budget is 30m. The last training took 8m. Another one does not fit.",
        yes=False,
        spent=timedelta(minutes=25),
        **DROPPED,
    ),
    case(
        "budget just fits",
        "budget: Trainings took 22m in the last week; the budget is 30m.",
        yes=True,
        spent=timedelta(minutes=22),
        **DROPPED,
    ),
    case(
        "budget of unknown cost",
        "budget: Trainings took 30m in the last week; the budget is 30m.",
        yes=False,
        spent=timedelta(minutes=30),
        expected_cost=None,
        **DROPPED,
    ),
    case(
        "no budget", "budget: There is no budget.", yes=True, rules={"budget": None}, spent=timedelta(days=9), **DROPPED
    ),
    case(
        "failed the gate on the same data",
        "gate_failure: 500 new labelled rows have come since a challenger failed the gate on 2013-04-25 02:00; 2,000",
        yes=False,
        gate_failed_at=AS_OF - timedelta(days=6),
        labelled_at_gate_failure=32_500,
        **DROPPED,
    ),
    case(
        "failed the gate, more data",
        "gate_failure: 2,000 are needed.",
        yes=True,
        gate_failed_at=AS_OF - timedelta(days=6),
        labelled_at_gate_failure=31_000,
        **DROPPED,
    ),
    case(
        "failed the gate, no minimum",
        "gate_failure: 0 new labelled rows",
        yes=False,
        rules={"min_new_rows": 0},
        gate_failed_at=AS_OF - timedelta(days=6),
        labelled_at_gate_failure=33_000,
        **DROPPED,
    ),
    case("data rolled back", "min_new_rows: 0 new labelled rows have come", yes=False, labelled=20_000, **DROPPED),
    case("always", "policy: `always`", yes=True, rules={"policy": "always"}),
    case(
        "always, whatever it costs",
        "budget: Another one does not fit.",
        yes=True,
        rules={"policy": "always"},
        spent=timedelta(hours=9),
        tried_at=AS_OF,
        labelled=30_000,
    ),
    case(
        "always, on hold",
        "hold: `evergreen resume` ends the hold",
        yes=False,
        rules={"policy": "always"},
        hold="release 1 was restored",
    ),
    case(
        "columns lost, however little is new",
        "columns: Release 2 needs `captain`, `wind`, which the table no longer has",
        yes=True,
        lost=("captain", "wind"),
        tried_at=AS_OF,
        labelled=30_000,
    ),
    case(
        "columns lost, nothing learned since the gate failed",
        "gate_failure: 0 new labelled rows have come",
        yes=False,
        lost=("captain",),
        gate_failed_at=AS_OF - timedelta(days=1),
        labelled_at_gate_failure=33_000,
    ),
    case(
        "columns lost, too dear",
        "budget: Another one does not fit.",
        yes=False,
        lost=("captain",),
        spent=timedelta(hours=9),
    ),
    case("never", "policy: `never`", yes=False, rules={"policy": "never"}, **DROPPED),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_promise_9_each_rule_decides_and_says_why(case: Case) -> None:
    decision = decide(use_case(**case.rules), case.facts, as_of=AS_OF)
    check, _, words = case.says.partition(": ")
    assert words in reason(decision, check).text
    assert decision.retrain is case.yes, [r.text for r in decision.reasons]
    answer = decision.reasons[-1]
    assert (answer.check, answer.passed) == ("decision", case.yes)


def test_promise_9_a_no_has_every_reason_also_those_after_the_deciding_one() -> None:
    held = decide(use_case(), facts(hold="v3 was restored", **DROPPED), as_of=AS_OF)
    asked = [item.check for item in held.reasons]
    assert asked == [
        "hold", "enough_rows", "policy", "cooldown", "min_new_rows", "gate_failure", "budget", "release", "trigger",
        "growth", "at_least_every", "spec_changed", "columns", "expected_gain", "decision",
    ]  # fmt: skip
    assert asked == [item.check for item in decide(use_case(), facts(**COLD), as_of=AS_OF).reasons]
    assert reason(held, "trigger").passed is True
    assert held.line == "Retrain: no. Retraining is held. v3 was restored. `evergreen resume` ends the hold."
    assert held.metrics["new_rows"] == 3000


def test_windows_that_overlap_are_one_window() -> None:
    nightly = tuple(
        WindowFact(ends=AS_OF - timedelta(days=night), drift=False, performance=True, drop=0.05)
        for night in reversed(range(7))
    )
    said = reason(decide(use_case(), facts(windows=nightly), as_of=AS_OF), "trigger")
    assert (said.passed, said.value) == (False, 1)
    week_before = WindowFact(ends=AS_OF - timedelta(days=7), drift=False, performance=True, drop=0.05)
    assert reason(decide(use_case(), facts(windows=(week_before, *nightly)), as_of=AS_OF), "trigger").value == 2
    timeless = use_case().model_copy(update={"event_time": None, "predict": None})
    assert reason(decide(timeless, facts(windows=nightly), as_of=AS_OF), "trigger").value == 1


def test_a_relative_minimum_gain_is_of_the_gates_metric() -> None:
    cautious = use_case()
    cautious = cautious.model_copy(
        update={"promotion": cautious.promotion.model_copy(update={"min_gain": Gain(relative=0.02)})}
    )
    small = facts(windows=windows("drift", "drift", drop=0.014))
    assert reason(decide(cautious, small, as_of=AS_OF), "expected_gain").limit == pytest.approx(0.015)
    assert decide(cautious, small, as_of=AS_OF).retrain is False
    assert decide(cautious, facts(windows=windows("drift", "drift", drop=0.016)), as_of=AS_OF).retrain is True


def test_a_decision_goes_through_json() -> None:
    decision = decide(use_case(), facts(**DROPPED), as_of=AS_OF)
    assert RetrainDecision.model_validate_json(decision.model_dump_json()) == decision
    assert Facts.model_validate_json(CALM.model_dump_json()) == CALM
