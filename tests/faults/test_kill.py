"""Kill any one process at a seeded moment, go on, and end where an undisturbed history ends.

`EVERGREEN_FAULT_SEEDS=10` takes ten seeds (`make faults`); the default is one.
"""

from __future__ import annotations

import os
import random
import signal

import pytest

from .conftest import Undisturbed
from .toy import HISTORY, Instance, kill_after

SEEDS = range(int(os.environ.get("EVERGREEN_FAULT_SEEDS", "1")))
TRIES = 4


def finish(instance: Instance, night: str) -> None:
    """Run the night again until it is done; a try may end in the message that something is still coming up."""
    said = ""
    for _ in range(TRIES):
        status, said = instance.run("run", "toy", "--as-of", night)
        if status == 0:
            return
    pytest.fail(f"the night of {night} did not recover: {said[-2000:]}")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS)
def test_any_process_killed_at_any_moment_changes_nothing(
    seed: int, instance: Instance, undisturbed: Undisturbed
) -> None:
    chance = random.Random(seed)
    struck = chance.randrange(len(HISTORY))
    victim = ("runner", "postgres")[seed % 2]
    for index, night in enumerate(HISTORY):
        instance.drop(night)
        if index == struck:
            process = instance.start("run", "toy", "--as-of", night.isoformat())

            def kill() -> None:
                if victim == "runner":
                    os.killpg(process.pid, signal.SIGKILL)  # noqa: B023 - called before the next turn
                elif (pid := instance.postgres_pid()) is not None:
                    os.kill(pid, signal.SIGKILL)

            said = kill_after(process, chance.uniform(0.0, undisturbed.seconds[index]), kill)
            if victim == "postgres":
                assert "Traceback" not in said, f"a dead database has to be said in words: {said[-2000:]}"
        finish(instance, night.isoformat())
    assert instance.state() == undisturbed.states[-1]


@pytest.mark.long  # what is said is in tests/unit/cli/test_interrupt.py, and the night above recovers from worse
@pytest.mark.timeout(900)
def test_ctrl_c_says_that_nothing_half_done_is_visible(instance: Instance, undisturbed: Undisturbed) -> None:
    night = HISTORY[0].isoformat()
    process = instance.start("run", "toy", "--as-of", night)
    said = kill_after(process, undisturbed.seconds[0] / 2, lambda: os.killpg(process.pid, signal.SIGINT))
    if process.returncode != 0:  # on a fast machine the night may be over
        assert process.returncode == 130
        assert "run the same command again" in said
    finish(instance, night)
    assert instance.state() == undisturbed.states[0]
