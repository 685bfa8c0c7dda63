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
from .strategy import STRATEGIES, Strategy

LOOKS = 10
"""How often a bake is judged before its end, so that a bad release goes back early."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it went: the new release's percentage, and what it did in its bake."""

    percent: int
    counts: Counts
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class RolloutResult:
    """How a rollout ended, and why, in sentences. After `aborted` all traffic is with the previous release again."""

    outcome: Literal["completed", "aborted"]
    steps: tuple[Step, ...]
    reasons: tuple[str, ...]


def roll_out(
    rollout: Rollout,
    *,
    release: int,
    previous: int | None,
    set_weights: Callable[[int], None],
    stats: Callable[[], Mapping[int, Counts]],
    sleep: Callable[[float], None],
    bake: timedelta,
) -> RolloutResult:
    """Bring `release` to all traffic by the use case's strategy; without a previous release at once.

    `set_weights` gives the new release so many percent and the previous one the rest; `stats` reads the service's
    counts by release, and is empty when no service runs; `sleep` waits so many seconds; `bake` is how long a step is
    held (the caller shortens it for a demo). Where no service runs when the rollout begins nobody is served, so there
    is nothing to bake. Whatever is raised on the way, traffic is given back to `previous` before it goes on up.
    """
    strategy = STRATEGIES[rollout.strategy]
    before = stats()
    if at_once := _why_at_once(strategy, release, previous, serving=bool(before)):
        set_weights(100)
        text = f"all traffic in one step: {at_once}; nothing was judged"
        reason = Reason(check="all_at_once", passed=None, text=text)
        return RolloutResult("completed", (Step(100, Counts(), (reason,)),), (text,))
    done: list[Step] = []
    try:
        for percent in strategy.steps(rollout):
            set_weights(percent)
            step = _bake(rollout, percent, release, before.get(release, Counts()), stats, sleep, bake)
            done.append(step)
            if any(reason.passed is False for reason in step.reasons):
                set_weights(0)
                return RolloutResult("aborted", tuple(done), _sentences(step))
            before = stats()
    except BaseException:
        set_weights(0)
        raise
    return RolloutResult("completed", tuple(done), _sentences(done[-1]))


def _why_at_once(strategy: Strategy, release: int, previous: int | None, *, serving: bool) -> str | None:
    if not strategy.bakes():
        return "the strategy is all at once"
    if previous is None:
        return "there is no previous release"
    if previous == release:
        return "the release is the active one already"
    return None if serving else "no service runs, so nobody is served"


def _sentences(step: Step) -> tuple[str, ...]:
    return tuple(f"at {step.percent}%: {reason.text}" for reason in step.reasons)


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
