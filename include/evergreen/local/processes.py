"""Who a process is: a pid alone may have been given to someone else since."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

# The kernel's start times are the same at every reading; psutil's own rounding and macOS need a little room.
_SAME_START = 0.5


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process by pid and start time (seconds since the epoch), which no later process shares."""

    pid: int
    started: float


def identify(pid: int) -> ProcessId | None:
    """The process that has this pid now, or None if there is none that still runs."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return ProcessId(pid, process.create_time())
    except psutil.Error:
        return None


def is_alive(process: ProcessId) -> bool:
    """Whether exactly this process still runs; a zombie or a recycled pid is not it."""
    now = identify(process.pid)
    return now is not None and abs(now.started - process.started) < _SAME_START


def kill(process: ProcessId) -> None:
    """Kill exactly this process, if it still runs."""
    if is_alive(process):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, signal.SIGKILL)


def family(leader: int) -> list[ProcessId]:
    """Every running process of the session and group that `leader` started, and its descendants outside of them."""
    pids: set[int] = set()
    for pid in psutil.pids():
        with suppress(OSError):
            if leader in (os.getpgid(pid), os.getsid(pid)):
                pids.add(pid)
    with suppress(psutil.Error):
        pids.update(child.pid for child in psutil.Process(leader).children(recursive=True))
    return [found for pid in pids if (found := identify(pid))]


def booted() -> float:
    """When this machine started (seconds since the epoch), to the second or so."""
    return float(psutil.boot_time())


def working_in(folder: Path, name: str) -> list[int]:
    """Pids of the processes called `name` whose working folder is `folder`."""
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            here = process.info["name"] == name and Path(process.cwd()) == folder
            if here and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


def listener(port: int) -> str | None:
    """Who listens on the TCP port, as `name (pid 123)`, or None if that can't be seen (another user's process)."""
    try:
        connections = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.Error:
                return f"pid {connection.pid}"
    return None
