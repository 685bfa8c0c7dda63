"""The reasons to retrain at all: what speaks for it once nothing forbids it.

What is measured and what is presumed. Measured: how far the metric fell below what the gate saw, over the windows of
the trigger. Presumed: that training anew wins back at most that much, so where it is below `promotion.min_gain` the
challenger could hardly pass its gate, and drift alone is then no reason. Nothing is measured of what growth or age will
bring; that they pay is presumed from replays on real streams, where the plain calendar won back most of what retraining
every period does, and drift of the features foretold it badly. Where labels have not come, drift is all there is to go
by, and it counts.
"""

from __future__ import annotations

from datetime import datetime
from statistics import fmean

from evergreen.artifacts import Reason
from evergreen.errors import bounded
from evergreen.retraining.facts import Facts, WindowFact
from evergreen.retraining.limits import new_since_training
from evergreen.retraining.words import rows, span
from evergreen.spec import UseCase


def cold_start(facts: Facts) -> Reason:
    """There is no model at all."""
    if facts.release is None:
        return Reason(check="release", passed=True, text="there is no release yet: a first model is wanted")
    return Reason(check="release", passed=False, text=f"release {facts.release} is active", value=facts.release)


def expected_gain(use_case: UseCase, facts: Facts) -> Reason:
    """The most that retraining could win back: the mean measured drop over the trigger's windows."""
    drops = [w.drop for w in last_windows(use_case, facts) if w.drop is not None]
    if not drops:
        return Reason(check="expected_gain", passed=None, text="no labelled predictions yet: a gain can't be foretold")
    least = use_case.promotion.min_gain.of(facts.reference_metric or 0.0)
    gain = fmean(drops)
    enough = gain > 0 and gain >= least
    where = f"below what the gate saw, over {rows(len(drops), 'window')}"
    text = (
        f"{use_case.metric} is {gain:.4f} {where}; retraining can win back that much at most"
        if gain > 0
        else f"{use_case.metric} is not {where}; there is nothing measured to win back"
    )
    if gain > 0 and not enough:
        text += f", and the gate asks for {least:.4f}"
    return Reason(check="expected_gain", passed=enough, text=text, value=gain, limit=least)


def last_windows(use_case: UseCase, facts: Facts) -> tuple[WindowFact, ...]:
    """The newest `trigger.windows` windows that do not overlap, oldest first.

    A window of a week that is measured every night shares six days with the one before: counted as they are, one bad
    day would be in violation night after night.
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
    said = f"{count} of the last {rows(known, 'window')} in violation"
    if facts.release is None or not windows:
        return Reason(check="trigger", passed=None, text="no window has been measured", limit=spec.violations)
    fired = count >= spec.violations and windows[-1] in violated
    if not fired:
        why = f"at least {spec.violations} are asked for" if count < spec.violations else "but not the latest"
        text, passed = f"{said}, {why}", False
    elif any(w.performance for w in violated):
        text, passed = f"{said}, the latest among them, by performance", True
    elif expected_gain(use_case, facts).passed is False:
        text, passed = f"{said}, by drift alone, and no gain is to be expected: no reason by itself", False
    else:
        text, passed = f"{said}, the latest among them, by drift", True
    return Reason(check="trigger", passed=passed, text=text, value=count, limit=spec.violations)


def growth(use_case: UseCase, facts: Facts) -> Reason:
    """The labelled rows have grown by the share that is presumed to pay."""
    limit = use_case.retraining.growth
    new = new_since_training(facts)
    if new is None or not facts.labelled_at_training:
        return Reason(check="growth", passed=None, text="no release yet to have grown since", limit=limit)
    share = new / facts.labelled_at_training
    enough = share >= limit
    text = (
        f"labelled rows have grown by {share:.1%} since release {facts.release} was trained, "
        f"{'at least' if enough else 'less than'} {limit:.0%}"
    )
    return Reason(check="growth", passed=enough, text=text, value=share, limit=limit)


def age(use_case: UseCase, facts: Facts, as_of: datetime) -> Reason:
    """The active model is as old as the YAML lets it grow."""
    most = use_case.retraining.at_least_every
    if most is None or facts.trained_at is None:
        why = "no release yet to grow old" if most is not None else "no `at_least_every` is asked for"
        return Reason(check="at_least_every", passed=None, text=why)
    old = as_of - facts.trained_at
    due = old >= most
    text = f"release {facts.release} was trained {span(old)} ago, {'at least' if due else 'less than'} {span(most)}"
    return Reason(check="at_least_every", passed=due, text=text, value=old.total_seconds(), limit=most.total_seconds())


def columns(facts: Facts) -> Reason:
    """The active model has lost what it was trained on: it can't be measured any more, or answers without it."""
    if facts.release is None:
        return Reason(check="columns", passed=None, text="no release yet that could lose a column")
    if not facts.lost:
        return Reason(check="columns", passed=False, text=f"the table has all columns of release {facts.release}")
    named = bounded(f"`{name}`" for name in facts.lost)
    text = f"release {facts.release} was trained on {named}, which the table no longer has, or has of another kind"
    return Reason(check="columns", passed=True, text=text, value=len(facts.lost))


def spec_changed(facts: Facts) -> Reason:
    """The YAML describes another model than the active one."""
    if facts.release is None:
        return Reason(check="spec_changed", passed=None, text="no release yet to differ from")
    text = "has changed" if facts.spec_changed else "is the same as when the active model was trained"
    return Reason(check="spec_changed", passed=facts.spec_changed, text=f"what the YAML says of the model {text}")
