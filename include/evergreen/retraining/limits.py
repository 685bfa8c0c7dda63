"""The reasons that can forbid a retraining: what has to hold before anyone asks whether it would pay."""

from __future__ import annotations

from datetime import datetime, timedelta

from evergreen.artifacts import Reason
from evergreen.errors import sentence
from evergreen.retraining.facts import Facts
from evergreen.retraining.words import moment, plural, rows, span
from evergreen.spec import UseCase

_A_DAY = timedelta(days=1)
_PERIODS = {1: "day", 7: "week", 30: "month"}


def hold(facts: Facts) -> Reason:
    """Held after a rollback; only a person ends a hold."""
    if facts.hold is None:
        return Reason(check="hold", passed=True, text="Retraining is not held.")
    why = sentence(facts.hold)
    return Reason(check="hold", passed=False, text=f"Retraining is held. {why} `evergreen resume` ends the hold.")


def policy(use_case: UseCase) -> Reason:
    """What the YAML says of retraining at all. `when_it_pays` leaves it open."""
    said = use_case.retraining.policy
    text = {
        "never": "Policy `never`: this use case is trained by hand only.",
        "always": "Policy `always`: this use case is trained at every decision, whether it pays or not.",
        "when_it_pays": "Policy `when_it_pays`: the reasons below decide.",
    }[said]
    return Reason(check="policy", passed=said != "never", text=text)


def enough_rows(use_case: UseCase, facts: Facts) -> Reason:
    """As many rows to learn from as the gate needs to judge, beside those it judges on."""
    least = least_rows(use_case)
    enough = facts.labelled >= least
    text = f"{rows(facts.labelled)} {plural(facts.labelled, 'is', 'are')} " + (
        f"enough ({least:,} needed)."
        if enough
        else f"too few. {least:,} are needed to learn and to judge (twice `promotion.min_rows`)."
    )
    return Reason(check="enough_rows", passed=enough, text=text, value=facts.labelled, limit=least)


def least_rows(use_case: UseCase) -> int:
    """Labelled rows that a training needs: as many to learn from as the gate has to judge on."""
    return 2 * use_case.promotion.min_rows


def cooldown(use_case: UseCase, facts: Facts, as_of: datetime) -> Reason:
    """The last training, good or bad, has to be long enough ago. Where there is no release, one that broke off is tried
    again after a day: until it is mended nothing is predicted at all.
    """
    last = max((time for time in (facts.tried_at, facts.failed_at, facts.trained_at) if time), default=None)
    wait = use_case.retraining.cooldown
    if last is None:
        return Reason(check="cooldown", passed=True, text="Nothing has been trained yet.", limit=wait.total_seconds())
    failed = last == facts.failed_at
    urgent = failed and facts.release is None and wait > _A_DAY
    wait = _A_DAY if urgent else wait
    since = as_of - last
    over = since >= wait
    what = "A training failed" if failed else "The last training was"
    rest = " until there is a release" if urgent else ""
    still = "is over" if over else "still runs"
    text = f"{what} {span(since)} ago, on {moment(last)}. The cooldown ({span(wait)}{rest}) {still}."
    return Reason(check="cooldown", passed=over, text=text, value=since.total_seconds(), limit=wait.total_seconds())


def new_rows(use_case: UseCase, facts: Facts) -> Reason:
    """Enough labelled rows have to have come since the active model was trained. Not asked on a cold start."""
    least = use_case.retraining.min_new_rows
    new = new_since_training(facts)
    if new is None:
        return Reason(
            check="min_new_rows", passed=None, text="There is no release yet, so no row counts as new.", limit=least
        )
    enough = new >= least
    text = f"{_come(new)} since release {facts.release}; {least:,} are needed."
    return Reason(check="min_new_rows", passed=enough, text=text, value=new, limit=least)


def after_failed_gate(use_case: UseCase, facts: Facts) -> Reason:
    """There has to be more to learn from than when a challenger last failed the gate."""
    least = max(1, use_case.retraining.min_new_rows)
    if facts.gate_failed_at is None or facts.labelled_at_gate_failure is None:
        return Reason(
            check="gate_failure", passed=True, text="No challenger has failed the gate since the last that passed."
        )
    new = max(0, facts.labelled - facts.labelled_at_gate_failure)
    enough = new >= least
    text = (
        f"{_come(new)} since a challenger failed the gate on {moment(facts.gate_failed_at)}; "
        f"{least:,} {plural(least, 'is', 'are')} needed."
    )
    return Reason(check="gate_failure", passed=enough, text=text, value=new, limit=least)


def budget(use_case: UseCase, facts: Facts) -> Reason:
    """Another training like the last has to fit the budget of this period."""
    allowed = use_case.retraining.budget
    if allowed is None:
        return Reason(check="budget", passed=True, text="There is no budget.", value=facts.spent.total_seconds())
    amount, period = allowed
    name = _PERIODS.get(period.days, span(period))
    if facts.expected_cost is None:
        fits, wanted = (
            facts.spent < amount,
            " No training has reached its gate yet, so the next one's time is not known.",
        )
    else:
        fits = facts.spent + facts.expected_cost <= amount
        wanted = f" The last training took {span(facts.expected_cost)}."
    text = f"Trainings took {span(facts.spent)} in the last {name}; the budget is {span(amount)}.{wanted}"
    text += "" if fits else " Another one does not fit."
    return Reason(
        check="budget", passed=fits, text=text, value=facts.spent.total_seconds(), limit=amount.total_seconds()
    )


def new_since_training(facts: Facts) -> int | None:
    """Labelled rows that have come since the active model was trained (0 after data were rolled back); None without."""
    if facts.release is None or facts.labelled_at_training is None:
        return None
    return max(0, facts.labelled - facts.labelled_at_training)


def _come(new: int) -> str:
    return f"{rows(new, 'new labelled row')} {plural(new, 'has', 'have')} come"
