"""The reasons that can forbid a retraining: what has to hold before anyone asks whether it would pay."""

from __future__ import annotations

from datetime import datetime, timedelta

from evergreen.artifacts import Reason
from evergreen.retraining.facts import Facts
from evergreen.retraining.words import moment, rows, span
from evergreen.spec import UseCase

_A_DAY = timedelta(days=1)
_PERIODS = {1: "day", 7: "week", 30: "month"}


def hold(facts: Facts) -> Reason:
    """Held after a rollback; only a person ends a hold."""
    if facts.hold is None:
        return Reason(check="hold", passed=True, text="retraining is not held")
    return Reason(
        check="hold", passed=False, text=f"retraining is held: {facts.hold}; `evergreen resume` ends the hold"
    )


def policy(use_case: UseCase) -> Reason:
    """What the YAML says of retraining at all. `when_it_pays` leaves it open."""
    said = use_case.retraining.policy
    text = {
        "never": "policy `never`: this use case is trained by hand only",
        "always": "policy `always`: trained whenever it is asked, whether it pays or not",
        "when_it_pays": "policy `when_it_pays`: the reasons below decide",
    }[said]
    return Reason(check="policy", passed=said != "never", text=text)


def enough_rows(use_case: UseCase, facts: Facts) -> Reason:
    """As many rows to learn from as the gate needs to judge, beside those it judges on."""
    least = 2 * use_case.promotion.min_rows
    enough = facts.labelled >= least
    text = (
        f"{rows(facts.labelled)}, {'at least' if enough else 'fewer than'} the {least:,} it takes to learn "
        f"and to judge (twice `promotion.min_rows`)"
    )
    return Reason(check="enough_rows", passed=enough, text=text, value=facts.labelled, limit=least)


def cooldown(use_case: UseCase, facts: Facts, as_of: datetime) -> Reason:
    """The last training, good or bad, has to be long enough ago. Where there is no release, one that broke off is tried
    again after a day: until it is mended nothing is predicted at all.
    """
    last = max((time for time in (facts.tried_at, facts.failed_at, facts.trained_at) if time), default=None)
    wait = use_case.retraining.cooldown
    if last is None:
        return Reason(check="cooldown", passed=True, text="nothing has been trained yet", limit=wait.total_seconds())
    failed = last == facts.failed_at
    urgent = failed and facts.release is None and wait > _A_DAY
    wait = _A_DAY if urgent else wait
    since = as_of - last
    over = since >= wait
    what = "a training failed" if failed else "the last training"
    place = "past" if over else "within"
    text = f"{span(since)} since {what} on {moment(last)}, {place} the cooldown of {span(wait)}"
    text += " that holds until there is a release" if urgent else ""
    return Reason(check="cooldown", passed=over, text=text, value=since.total_seconds(), limit=wait.total_seconds())


def new_rows(use_case: UseCase, facts: Facts) -> Reason:
    """Enough labelled rows have to have come since the active model was trained. Not asked on a cold start."""
    least = use_case.retraining.min_new_rows
    new = new_since_training(facts)
    if new is None:
        return Reason(check="min_new_rows", passed=None, text="no release yet, so no row is new", limit=least)
    enough = new >= least
    compared = "at least" if enough else "fewer than"
    text = f"{rows(new, 'new labelled row')} since release {facts.release}, {compared} {least:,}"
    return Reason(check="min_new_rows", passed=enough, text=text, value=new, limit=least)


def after_failed_gate(use_case: UseCase, facts: Facts) -> Reason:
    """There has to be more to learn from than when a challenger last failed the gate."""
    least = max(1, use_case.retraining.min_new_rows)
    if facts.gate_failed_at is None or facts.labelled_at_gate_failure is None:
        return Reason(
            check="gate_failure", passed=True, text="no challenger has failed the gate since the last that passed"
        )
    new = max(0, facts.labelled - facts.labelled_at_gate_failure)
    enough = new >= least
    text = f"{rows(new, 'new labelled row')} since a challenger failed the gate on {moment(facts.gate_failed_at)}, " + (
        f"at least {least:,}" if enough else f"fewer than {least:,}: it would be the same again"
    )
    return Reason(check="gate_failure", passed=enough, text=text, value=new, limit=least)


def budget(use_case: UseCase, facts: Facts) -> Reason:
    """Another training like the last has to fit the budget of this period."""
    allowed = use_case.retraining.budget
    if allowed is None:
        return Reason(check="budget", passed=True, text="there is no budget", value=facts.spent.total_seconds())
    amount, period = allowed
    name = _PERIODS.get(period.days, span(period))
    if facts.expected_cost is None:
        fits, wanted = facts.spent < amount, ""
    else:
        fits = facts.spent + facts.expected_cost <= amount
        wanted = f", and a training takes about {span(facts.expected_cost)}"
    text = f"{span(facts.spent)} of {span(amount)} spent in the last {name}{wanted}{'' if fits else ': too much'}"
    return Reason(
        check="budget", passed=fits, text=text, value=facts.spent.total_seconds(), limit=amount.total_seconds()
    )


def new_since_training(facts: Facts) -> int | None:
    """Labelled rows that have come since the active model was trained (0 after data were rolled back); None without."""
    if facts.release is None or facts.labelled_at_training is None:
        return None
    return max(0, facts.labelled - facts.labelled_at_training)
