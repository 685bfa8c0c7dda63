"""Runs a command in a process of its own and says what it cost; and how busy the machine is with other things."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

BUSY = 0.15  # share of the machine that others may take before a result is doubtful
EVERY = 0.2  # seconds between two looks at the memory


@dataclass(frozen=True)
class Cost:
    """What a command took, all its processes together."""

    status: int
    """Exit status; negative: ended by that signal."""
    timed_out: bool
    wall: float
    """Seconds."""
    cpu: float
    """CPU seconds."""
    peak: int
    """Bytes: the largest sum of its processes' resident sets (shared pages count in each)."""
    foreign: float
    """Share of the cores' time that other processes of the machine took meanwhile."""


def run(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path, limit: float) -> Cost:
    """Run `command` to its end, or kill its process group after `limit` seconds; its outputs go to the end of `log`."""
    busy, since = _busy(), time.monotonic()
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, env=dict(env), cwd=cwd, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        memory = _Memory(process.pid)
        memory.start()
        killer = threading.Timer(limit, _kill, [process.pid])
        killer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _kill(process.pid)
            raise
        finally:
            killer.cancel()
            memory.ended.set()
    wall = time.monotonic() - since
    _kill(process.pid)  # whoever of its group is still there
    process.returncode = os.waitstatus_to_exitcode(status)
    memory.join()
    cpu = usage.ru_utime + usage.ru_stime
    foreign = max(0.0, _busy() - busy - cpu) / (wall * (os.cpu_count() or 1))
    return Cost(process.returncode, wall >= limit, wall, cpu, memory.peak, foreign)


def load(seconds: float = 2.0) -> float:
    """Share of the cores' time that is taken now."""
    return psutil.cpu_percent(seconds) / 100


def _busy() -> float:
    """CPU seconds since the start of the machine that were not idle, those stolen by its host among them."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


class _Memory(threading.Thread):
    """Looks at the resident sets of a process and of those it started, again and again."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.root, self.peak, self.ended = psutil.Process(pid), 0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(EVERY):
            total = 0
            with contextlib.suppress(psutil.Error):
                for each in (self.root, *self.root.children(recursive=True)):
                    with contextlib.suppress(psutil.Error):
                        total += each.memory_info().rss
            self.peak = max(self.peak, total)
