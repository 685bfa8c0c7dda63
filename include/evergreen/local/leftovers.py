"""What a killed supervisor leaves running, found again by the notes it wrote, and stopped."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from evergreen.local.processes import ProcessId, boot, family, identify, is_alive


def note(path: Path, pid: int) -> None:
    """Write down who was started: its pid, its start time, and which boot of the machine that was in."""
    process = identify(pid)
    if process:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"pid": pid, "started": process.started, "boot": boot()}) + "\n")


def forget(path: Path) -> None:
    """The process is gone, and so is its note."""
    path.unlink(missing_ok=True)


def noted(path: Path) -> ProcessId | None:
    """The process of a note, dead or alive; None without a note, or with one from before a reboot."""
    try:
        entry = json.loads(path.read_text())
        if entry["boot"] != boot():
            return None
        return ProcessId(int(entry["pid"]), float(entry["started"]))
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        return None


def stop_leftover(path: Path, grace: float = 8.0) -> int:
    """Stop the process of the note and its whole group, first asking, then killing; how many there were.

    A process that merely has the pid now is left alone: a group's number is not given away while a member lives, so
    when someone else leads that group, ours is gone.
    """
    leader = noted(path)
    now = identify(leader.pid) if leader else None
    if leader is None or (now is not None and not is_alive(leader)):
        forget(path)
        return 0
    members = [member for member in family(leader.pid) if member.started >= leader.started]
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + seconds
        for member in filter(is_alive, members):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(member.pid, number)
        while any(map(is_alive, members)) and time.monotonic() < deadline:
            time.sleep(0.05)
    forget(path)
    return len(members)
