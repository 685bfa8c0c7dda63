"""Retrain or not. Limits can forbid it, grounds ask for it. All of them are judged and recorded, whichever decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from evergreen.artifacts import Reason, RetrainDecision, told
from evergreen.retraining import grounds, limits
from evergreen.retraining.facts import Facts
from evergreen.spec import UseCase


def decide(use_case: UseCase, facts: Facts, *, as_of: datetime) -> RetrainDecision:
    """The retrain decision at data time `as_of`: the same facts always give the same one.

    - A hold and too few labelled rows always forbid it.
    - Policy `never` says no, `always` says yes.
    - Policy `when_it_pays` says yes when a ground asks for it and no limit forbids it. Grounds: no release yet, the
      trigger, growth, age, a changed YAML, lost columns. Limits: cooldown, `min_new_rows`, a failed gate, the budget.
    - Lost columns wait neither for the cooldown nor for `min_new_rows`.

    `Reason.passed`: True speaks for retraining. False speaks against it (a limit), or not for it (a ground). None could
    not be judged, or was not asked.
    """
    always = (limits.hold(facts), limits.enough_rows(use_case, facts))
    policy = limits.policy(use_case)
    waiting = (limits.cooldown(use_case, facts, as_of), limits.new_rows(use_case, facts))
    bounds = (limits.after_failed_gate(use_case, facts), limits.budget(use_case, facts))
    asking = (
        grounds.cold_start(use_case, facts),
        grounds.trigger(use_case, facts),
        grounds.growth(use_case, facts),
        grounds.age(use_case, facts, as_of),
        grounds.spec_changed(facts),
        grounds.columns(facts),
    )
    gain = grounds.expected_gain(use_case, facts)
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
        return Reason(check="decision", passed=False, text=told(forbidding))
    if wanting:
        return Reason(check="decision", passed=True, text=told(wanting))
    return Reason(check="decision", passed=False, text="Nothing asks for it.")


def _metrics(facts: Facts, gain: Reason) -> dict[str, float]:
    found = {
        "labelled_rows": float(facts.labelled),
        "new_rows": limits.new_since_training(facts),
        "expected_gain": gain.value,
        "spent_seconds": facts.spent.total_seconds(),
        "expected_cost_seconds": facts.expected_cost.total_seconds() if facts.expected_cost is not None else None,
    }
    return {name: float(value) for name, value in found.items() if value is not None}
