"""Run a rollout: set weights, wait, judge, go on or go back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from evergreen.artifacts import Reason
from evergreen.delivery.rollout.counts import Counts
from evergreen.delivery.rollout.judge import judge
from evergreen.delivery.rollout.strategy import STRATEGIES, Strategy
from evergreen.errors import TransientError
from evergreen.spec.operation import Rollout

LOOKS = 10
"""How often a bake is judged before its end, so that a bad release goes back early."""
MORE_LOOKS = 5
"""How many more looks a bake may take until the service says how the release does."""


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

    Raises TransientError when `stats` does so before the rollout begins, or in a bake until it can't be waited longer.
    """
    strategy = STRATEGIES[rollout.strategy]
    at_once = _why_at_once(strategy, release, previous)
    before = stats() if at_once is None else {}
    if not before:
        set_weights(100)
        text = f"all traffic in one step: {at_once or 'no service runs, so nobody is served'}; nothing was judged"
        reason = Reason(check="all_at_once", passed=None, text=text)
        return RolloutResult("completed", (Step(100, Counts(), (reason,)),), (text,))
    done: list[Step] = []
    seen = before.get(release, Counts())
    try:
        for percent in strategy.steps(rollout):
            set_weights(percent)
            step, seen = _bake(rollout, percent, release, seen, stats, sleep, bake)
            done.append(step)
            if any(reason.passed is False for reason in step.reasons):
                set_weights(0)
                return RolloutResult("aborted", tuple(done), _sentences(step))
    except BaseException:
        set_weights(0)
        raise
    return RolloutResult("completed", tuple(done), _sentences(done[-1]))


def _why_at_once(strategy: Strategy, release: int, previous: int | None) -> str | None:
    if not strategy.bakes():
        return "the strategy is all at once"
    if previous is None:
        return "there is no previous release"
    if previous == release:
        return "the release is the active one already"
    return None


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
) -> tuple[Step, Counts]:
    """Hold a step and judge it now and then; it ends early when a limit is broken, and with what was counted till then.

    It can't end well with a look at which the service did not say how the release does: then it takes a few more.
    """
    look = 0
    while True:
        look += 1
        sleep(bake.total_seconds() / LOOKS)
        last = look == LOOKS + MORE_LOOKS
        try:
            now = stats().get(release)
        except TransientError:
            if last:
                raise
            continue
        if now is not None and now.loaded:
            counts = now.since(before)
            reasons = judge(counts, rollout.abort_on)
            if look >= LOOKS or any(reason.passed is False for reason in reasons):
                return Step(percent, counts, reasons), now
        elif last:
            text = f"the service has not taken up release {release}; its `/readyz` says why"
            return Step(percent, Counts(), (Reason(check="loaded", passed=False, text=text),)), before
