"""Strike a process in the middle of a seeded step, and know that it was struck and where."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .toy import Instance

LONG_ENOUGH = 0.3
"""Seconds an undisturbed step takes at least, so that a blow in its first half can't come too late."""


@dataclass(frozen=True)
class Step:
    """A step of an undisturbed night: its name, its place among the lines said, its seconds."""

    name: str
    place: int
    seconds: float


@dataclass(frozen=True)
class Moment:
    """In which step to strike, and how many seconds after the step before it ended."""

    step: Step
    wait: float


@dataclass(frozen=True)
class Blow:
    """A process that was struck: who, its pid, after how many lines, and how many seconds into the step."""

    victim: str
    pid: int
    lines: int
    wait: float


@dataclass
class Night:
    """A running `evergreen run`: each line it says and when, in seconds since the start."""

    process: subprocess.Popen[str]
    lines: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as said:
            for line in said:
                self.lines.append((time.monotonic() - self._began, line))

    def strike(self, moment: Moment, victim: str, find: Callable[[], int | None], blow: signal.Signals) -> Blow | None:
        """Send `blow` to the victim at the moment, as soon as there is one; None if the night was over before."""
        while len(self.lines) < moment.step.place:
            if self.process.poll() is not None:
                return None
            time.sleep(0.005)
        due = time.monotonic() + moment.wait
        while self.process.poll() is None:
            pid = find() if time.monotonic() >= due else None
            if pid is not None:
                place = len(self.lines)
                (os.killpg if victim == "runner" else os.kill)(pid, blow)
                return Blow(victim, pid, place, moment.wait)
            time.sleep(0.005)
        return None

    def end(self, timeout: float = 240) -> tuple[int, str]:
        """Wait until it has ended; its status and what it said."""
        status = self.process.wait(timeout)
        self._reader.join(timeout)
        return status, "".join(line for _, line in self.lines)


def begin(instance: Instance, night: str) -> Night:
    return Night(instance.start("run", "toy", "--as-of", night))


def steps(night: Night) -> tuple[Step, ...]:
    """The steps of an undisturbed night; each says its first line when it has ended."""
    times = [0.0, *(at for at, _ in night.lines)]
    return tuple(
        Step(line.split()[0], place, at - times[place]) for place, (at, line) in enumerate(night.lines) if line.strip()
    )


def moment(chance: random.Random, among: tuple[Step, ...]) -> Moment:
    """A step that takes a while, each as likely as the others, and a moment of its first half."""
    step = chance.choice([step for step in among if step.seconds >= LONG_ENOUGH])
    return Moment(step, chance.uniform(0, step.seconds / 2))
