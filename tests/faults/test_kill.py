"""Kill any one process at a seeded moment, go on, and end where an undisturbed history ends.

Each seed kills both: the runner in one night, PostgreSQL in the other. `EVERGREEN_FAULT_SEEDS=10` takes ten seeds
(`make faults`); the default is one. The summary at the end says who was killed, and in which step.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable

import pytest

from .conftest import Undisturbed
from .kill import Blow, Step, begin, moment
from .toy import HISTORY, Instance

SEEDS = range(int(os.environ.get("EVERGREEN_FAULT_SEEDS", "1")))
TRIES = 4
Record = Callable[[str, object], None]


def finish(instance: Instance, night: str) -> None:
    """Run the night again until it is done; a try may end in the message that something is still coming up."""
    said = ""
    for _ in range(TRIES):
        status, said = instance.run("run", "toy", "--as-of", night)
        if status == 0:
            return
    pytest.fail(f"the night of {night} did not recover: {said[-2000:]}")


def struck_in(blow: Blow | None, aimed: Step, among: tuple[Step, ...], said: str) -> str:
    """The step that was struck: the one aimed at, or a later one on a machine that has become quicker."""
    assert blow, f"the night was over before the blow in `{aimed.name}`: {said[-2000:]}"
    assert aimed.place <= blow.lines < len(among), f"the blow in `{aimed.name}` came after the last step"
    return f"{blow.victim} (pid {blow.pid}) struck in `{among[blow.lines].name}`, {blow.wait:.2f} s into `{aimed.name}`"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS)
def test_any_process_killed_at_any_moment_changes_nothing(
    seed: int, instance: Instance, undisturbed: Undisturbed, record_property: Record
) -> None:
    chance = random.Random(seed)
    victims = chance.sample(["runner", "postgres"], len(HISTORY))
    for night, victim, steps in zip(HISTORY, victims, undisturbed.steps, strict=True):
        instance.drop(night)
        aimed = moment(chance, steps)
        running = begin(instance, night.isoformat())
        pid = running.process.pid
        find = instance.postgres_pid if victim == "postgres" else lambda pid=pid: pid
        blow = running.strike(aimed, victim, find, signal.SIGKILL)
        status, said = running.end()
        record_property("struck", f"{night:%Y-%m-%d}: {struck_in(blow, aimed.step, steps, said)}")
        if victim == "runner":
            assert status == -signal.SIGKILL, f"the runner was not killed: {said[-2000:]}"
        else:
            assert blow
            assert instance.postgres_pid() != blow.pid, "PostgreSQL outlived the blow"
            assert status != 0, f"the runner did not notice that the database is dead: {said[-2000:]}"
            assert "Traceback" not in said, f"a dead database has to be said in words: {said[-2000:]}"
        finish(instance, night.isoformat())
    assert instance.state() == undisturbed.states[-1]


@pytest.mark.long  # what is said is in tests/unit/cli/test_interrupt.py, and the night above recovers from worse
@pytest.mark.timeout(900)
def test_ctrl_c_says_that_nothing_half_done_is_visible(
    instance: Instance, undisturbed: Undisturbed, record_property: Record
) -> None:
    night, steps = HISTORY[0].isoformat(), undisturbed.steps[0]
    aimed = moment(random.Random(0), steps)
    running = begin(instance, night)
    blow = running.strike(aimed, "runner", lambda: running.process.pid, signal.SIGINT)
    status, said = running.end()
    record_property("struck", struck_in(blow, aimed.step, steps, said))
    assert status == 130
    assert "run the same command again" in said
    finish(instance, night)
    assert instance.state() == undisturbed.states[0]
