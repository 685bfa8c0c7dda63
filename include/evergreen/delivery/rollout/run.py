"""Run a rollout: set weights, wait, judge, go on or go back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from evergreen.artifacts import Reason
from evergreen.spec.operation import Rollout

from .counts import Counts
from .judge import judge
from .strategy import STRATEGIES

LOOKS = 10
"""How often a bake is judged before its end, so that a bad release goes back early."""

Weights = Mapping[int, int]
"""Release number to percent; they add up to 100."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it went: the new release's percentage, and what it did in its bake."""

    percent: int
    counts: Counts
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class RolloutResult:
    """How a rollout ended. After `aborted` all traffic is with the previous release again."""

    outcome: Literal["completed", "aborted"]
    steps: tuple[Step, ...]
    reasons: tuple[Reason, ...]


def roll_out(
    rollout: Rollout,
    *,
    release: int,
    previous: int | None,
    set_weights: Callable[[Weights], None],
    stats: Callable[[], Mapping[int, Counts]],
    sleep: Callable[[float], None],
    bake: timedelta,
) -> RolloutResult:
    """Bring `release` to all traffic by the use case's strategy; without a previous release at once.

    `set_weights` tells the service, `stats` reads its counts by release,
    `sleep` waits so many seconds; `bake` is how long a step is held (the caller shortens it for a demo).
    Whatever is raised on the way, traffic is given back to `previous` before it goes on up.
    """
    strategy = STRATEGIES[rollout.strategy]
    if previous is None or previous == release or not strategy.bakes():
        why = "there is no previous release" if previous in (None, release) else "the strategy is all at once"
        reason = Reason(check="all_at_once", passed=None, text=f"all traffic in one step: {why}; nothing was judged")
        set_weights({release: 100})
        return RolloutResult("completed", (Step(100, Counts(), (reason,)),), (reason,))
    done: list[Step] = []
    try:
        for percent in strategy.steps(rollout):
            before = stats().get(release, Counts())
            set_weights(_weights(release, previous, percent))
            step = _bake(rollout, percent, release, before, stats, sleep, bake)
            done.append(step)
            if any(reason.passed is False for reason in step.reasons):
                set_weights({previous: 100})
                return RolloutResult("aborted", tuple(done), step.reasons)
    except BaseException:
        set_weights({previous: 100})
        raise
    return RolloutResult("completed", tuple(done), done[-1].reasons)


def _weights(release: int, previous: int, percent: int) -> Weights:
    return {release: percent, previous: 100 - percent} if percent < 100 else {release: 100}


def _bake(
    rollout: Rollout,
    percent: int,
    release: int,
    before: Counts,
    stats: Callable[[], Mapping[int, Counts]],
    sleep: Callable[[float], None],
    bake: timedelta,
) -> Step:
    """Hold a step and judge it now and then; it ends early when a limit is broken."""
    counts, reasons = Counts(), judge(Counts(), rollout.abort_on)
    for look in range(LOOKS):
        sleep(bake.total_seconds() / LOOKS)
        now = stats().get(release)
        if now is None or not now.loaded:
            if look == LOOKS - 1:
                text = f"the service has not taken up release {release}; its `/readyz` says why"
                return Step(percent, counts, (Reason(check="loaded", passed=False, text=text),))
            continue
        counts = now.since(before)
        reasons = judge(counts, rollout.abort_on)
        if any(reason.passed is False for reason in reasons):
            break
    return Step(percent, counts, reasons)
