"""Who a process is: a pid alone may have been given to someone else since."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_LINUX = Path("/proc/self/stat").exists()


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process by pid and start time, which no other process shares.

    The start time is in seconds: since the machine's boot on Linux, where setting the clock does not move it, and since
    the epoch elsewhere.
    """

    pid: int
    started: float


def identify(pid: int) -> ProcessId | None:
    """The process that has this pid now, or None if there is none that still runs."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return ProcessId(pid, _start_time(process))
    except (psutil.Error, OSError):
        return None


def is_alive(process: ProcessId) -> bool:
    """Whether exactly this process still runs; a zombie or a recycled pid is not it."""
    return identify(process.pid) == process


def kill(process: ProcessId) -> None:
    """Kill exactly this process, if it still runs."""
    if is_alive(process):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, signal.SIGKILL)


def family(leader: int) -> list[ProcessId]:
    """Every running process of the session and group that `leader` started, and its descendants, the oldest first."""
    pids: set[int] = set()
    for pid in psutil.pids():
        with suppress(OSError):
            if leader in (os.getpgid(pid), os.getsid(pid)):
                pids.add(pid)
    with suppress(psutil.Error):
        pids.update(child.pid for child in psutil.Process(leader).children(recursive=True))
    members = [found for pid in pids if (found := identify(pid))]
    return sorted(members, key=lambda member: member.started)


def boot() -> str:
    """Which boot of the machine this is; pids and start times of another one mean nothing."""
    if _LINUX:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{psutil.boot_time():.0f}"


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


def _start_time(process: psutil.Process) -> float:
    if _LINUX:
        stat = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace")
        return int(stat.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return float(process.create_time())
