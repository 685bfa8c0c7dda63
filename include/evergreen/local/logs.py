"""Log files that stay small, and their last lines for an error message."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MOST_BYTES = 10_000_000


def make_room(log: Path, most: int = MOST_BYTES) -> None:
    """Before a start: move a log above `most` bytes to `<name>.1`, in place of an earlier one."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > most:
        log.replace(log.with_name(f"{log.name}.1"))


def last_lines(log: Path, count: int) -> list[str]:
    """The last `count` lines of the log, each cut at 300 characters; none if there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 16_384))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return [line[:300] for line in lines if line.strip()][-count:]


def trim(log: Path, most: int = MOST_BYTES) -> None:
    """While its process runs and appends: copy a log above `most` bytes to `<name>.1` and empty it."""
    if log.exists() and log.stat().st_size > most:
        shutil.copy(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)
