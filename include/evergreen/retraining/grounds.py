"""The grounds for a retraining: what asks for it once no limit forbids it.

Measured: how far the metric fell below the gate's value, over the windows of the trigger.

Presumed:

- Retraining wins back at most that drop. A drop below `promotion.min_gain` would hardly get a challenger through its
  gate, so drift alone is no ground then.
- Growth and age pay. In replays on real streams the plain calendar won back most of what retraining every period does.
  Drift of the features foretold the gain badly.

Without labels drift is the only sign there is, so it counts.
"""

from __future__ import annotations

from datetime import datetime
from statistics import fmean

from evergreen.artifacts import Reason
from evergreen.errors import bounded
from evergreen.retraining.facts import Facts, WindowFact
from evergreen.retraining.limits import least_rows, new_since_training
from evergreen.retraining.words import plural, rows, span
from evergreen.spec import UseCase

_NO_LABELS = "No prediction has a label yet, so no gain can be expected or ruled out."


def cold_start(use_case: UseCase, facts: Facts) -> Reason:
    """There is no model at all."""
    if facts.release is not None:
        return Reason(check="release", passed=False, text=f"Release {facts.release} is active.", value=facts.release)
    least = least_rows(use_case)
    enough = f", and {rows(facts.labelled)} are enough ({least:,} needed)" if facts.labelled >= least else ""
    return Reason(check="release", passed=True, text=f"There is no release yet{enough}.")


def expected_gain(use_case: UseCase, facts: Facts) -> Reason:
    """The most that retraining could win back: the mean measured drop over the trigger's windows."""
    drops = [w.drop for w in last_windows(use_case, facts) if w.drop is not None]
    if not drops:
        return Reason(check="expected_gain", passed=None, text=_NO_LABELS)
    least = use_case.promotion.min_gain.of(facts.reference_metric or 0.0)
    gain = fmean(drops)
    enough = gain > 0 and gain >= least
    over = rows(len(drops), "window")
    text = (
        f"`{use_case.metric}` is {gain:.4f} worse than at the gate, over {over}. Retraining wins back at most that."
        if gain > 0
        else f"`{use_case.metric}` is no worse than at the gate, over {over}. There is nothing to win back."
    )
    if gain > 0 and not enough:
        text += f" The gate asks for {least:.4f}."
    return Reason(check="expected_gain", passed=enough, text=text, value=gain, limit=least)


def last_windows(use_case: UseCase, facts: Facts) -> tuple[WindowFact, ...]:
    """The newest `trigger.windows` windows that do not overlap, oldest first.

    A window of a week, measured every night, shares six days with the one before. If every one counted, one bad day
    would be a violation on seven nights.
    """
    apart = use_case.monitoring.window
    found: list[WindowFact] = []
    for window in sorted(facts.windows, key=lambda window: window.ends, reverse=True):
        if not found or window.ends <= found[-1].ends - apart:
            found.append(window)
    return tuple(reversed(found[: use_case.retraining.trigger.windows]))


def trigger(use_case: UseCase, facts: Facts) -> Reason:
    """Enough of the last windows were in violation, the latest among them. Drift alone needs an expected gain too."""
    spec = use_case.retraining.trigger
    windows = last_windows(use_case, facts)
    violated = [w for w in windows if w.drift or w.performance]
    count, known = len(violated), len(windows)
    if facts.release is None or not windows:
        return Reason(check="trigger", passed=None, text="No window has been measured.", limit=spec.violations)
    of = f"{count} of the last {rows(known, 'window')} {plural(count, 'is', 'are')} in violation"
    passed = False
    if count < spec.violations:
        text = f"{of}; {spec.violations} are needed."
    elif windows[-1] not in violated:
        text = f"{of}, but not the latest."
    elif any(w.performance for w in violated):
        text, passed = f"{of} by performance, the latest too.", True
    elif expected_gain(use_case, facts).passed is False:
        text = f"{of} by drift alone. No gain is expected, so drift does not count."
    else:
        text, passed = f"{of} by drift, the latest too.", True
    return Reason(check="trigger", passed=passed, text=text, value=count, limit=spec.violations)


def growth(use_case: UseCase, facts: Facts) -> Reason:
    """The labelled rows have grown by the share that is presumed to pay."""
    limit = use_case.retraining.growth
    new = new_since_training(facts)
    if new is None or not facts.labelled_at_training:
        return Reason(
            check="growth", passed=None, text="There is no release yet, so growth does not count.", limit=limit
        )
    share = new / facts.labelled_at_training
    enough = share >= limit
    text = (
        f"Labelled rows have grown by {share:.1%} since release {facts.release} was trained; `growth` is {limit:.0%}."
    )
    return Reason(check="growth", passed=enough, text=text, value=share, limit=limit)


def age(use_case: UseCase, facts: Facts, as_of: datetime) -> Reason:
    """The active model is as old as the YAML lets it grow."""
    most = use_case.retraining.at_least_every
    if most is None or facts.trained_at is None:
        why = "`at_least_every` is not set." if most is None else "There is no release yet, so age does not count."
        return Reason(check="at_least_every", passed=None, text=why)
    old = as_of - facts.trained_at
    due = old >= most
    text = f"Release {facts.release} was trained {span(old)} ago; `at_least_every` is {span(most)}."
    return Reason(check="at_least_every", passed=due, text=text, value=old.total_seconds(), limit=most.total_seconds())


def columns(facts: Facts) -> Reason:
    """The table has lost columns of the active model. It can't be measured any more, or answers without them."""
    if facts.release is None:
        return Reason(check="columns", passed=None, text="There is no release yet, so no column can be lost.")
    if not facts.lost:
        return Reason(check="columns", passed=False, text=f"The table has all columns of release {facts.release}.")
    named = bounded(f"`{name}`" for name in facts.lost)
    text = f"Release {facts.release} needs {named}, which the table no longer has or has as another type."
    return Reason(check="columns", passed=True, text=text, value=len(facts.lost))


def spec_changed(facts: Facts) -> Reason:
    """The YAML describes another model than the active one."""
    if facts.release is None:
        return Reason(
            check="spec_changed", passed=None, text="There is no release yet, so a changed YAML does not count."
        )
    changed = "has changed" if facts.spec_changed else "has not changed"
    text = f"What `use_case.yaml` says of the model {changed} since release {facts.release} was trained."
    return Reason(check="spec_changed", passed=facts.spec_changed, text=text)
