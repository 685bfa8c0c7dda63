"""Retrain or not. Limits forbid, looks ask for it; every one of them is judged and recorded, whichever decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from evergreen.artifacts import Reason, RetrainDecision
from evergreen.errors import bounded
from evergreen.retraining import limits, looks
from evergreen.retraining.facts import Facts
from evergreen.spec import UseCase


def decide(use_case: UseCase, facts: Facts, *, as_of: datetime) -> RetrainDecision:
    """The retrain decision at data time `as_of`: the same facts always give the same one.

    A hold and too few labelled rows forbid it always. Policy `never` says no, `always` says yes; under `when_it_pays`
    the answer is yes when no limit (cooldown, min_new_rows, gate failure, budget) forbids it and something asks for it:
    no release yet, the trigger, growth, age, a changed YAML, or columns that the active model has lost; for these
    neither the cooldown nor min_new_rows is waited for. In a reason, `passed` True speaks for retraining, False against
    it (of a limit) or not for it (of a look), None says that it could not be judged or was not asked.
    """
    always = (limits.hold(facts), limits.enough_rows(use_case, facts))
    policy = limits.policy(use_case)
    waiting = (limits.cooldown(use_case, facts, as_of), limits.new_rows(use_case, facts))
    bounds = (limits.after_failed_gate(use_case, facts), limits.budget(use_case, facts))
    asking = (
        looks.cold_start(facts),
        looks.trigger(use_case, facts),
        looks.growth(use_case, facts),
        looks.age(use_case, facts, as_of),
        looks.spec_changed(facts),
        looks.columns(facts),
    )
    gain = looks.expected_gain(use_case, facts)
    daily = use_case.retraining.policy == "always"
    obeyed = () if daily else bounds if facts.lost else (*waiting, *bounds)
    forbidding = _failed((*always, policy, *obeyed))
    wanting = [policy] if daily else [reason for reason in asking if reason.passed]
    answer = _answer(forbidding, wanting)
    return RetrainDecision(
        use_case=use_case.name,
        retrain=bool(answer.passed),
        dataset_version=facts.dataset_version,
        data_time=as_of,
        release=facts.release,
        reasons=(*always, policy, *waiting, *bounds, *asking, gain, answer),
        metrics=_metrics(facts, gain),
    )


def _failed(reasons: Sequence[Reason]) -> list[Reason]:
    return [reason for reason in reasons if reason.passed is False]


def _answer(forbidding: Sequence[Reason], wanting: Sequence[Reason]) -> Reason:
    if forbidding:
        text, retrain = f"not retrained, since {bounded((r.text for r in forbidding), 2)}", False
    elif wanting:
        text, retrain = f"retrained, since {bounded((r.text for r in wanting), 2)}", True
    else:
        text, retrain = "not retrained, since nothing asks for it", False
    return Reason(check="decision", passed=retrain, text=text)


def _metrics(facts: Facts, gain: Reason) -> dict[str, float]:
    found = {
        "labelled_rows": float(facts.labelled),
        "new_rows": limits.new_since_training(facts),
        "expected_gain": gain.value,
        "spent_seconds": facts.spent.total_seconds(),
        "expected_cost_seconds": facts.expected_cost.total_seconds() if facts.expected_cost is not None else None,
    }
    return {name: float(value) for name, value in found.items() if value is not None}
