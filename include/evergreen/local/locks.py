"""A lock between processes that the kernel releases when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evergreen.errors import TransientError


def try_lock(path: Path) -> int | None:
    """Take the lock on `path`; its file descriptor, or None while someone else has it. Closing it releases the lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def locked(path: Path, timeout: float, doing: str) -> Iterator[None]:
    """Hold the lock on `path` for the block, waiting up to `timeout` seconds for it.

    Raises TransientError when another process still holds it then; `doing` says what it is held for.
    """
    deadline = time.monotonic() + timeout
    while (descriptor := try_lock(path)) is None:
        if time.monotonic() > deadline:
            raise TransientError(
                f"Another process has been {doing} for more than {timeout:.0f} s (lock {path}). "
                "Wait for it or stop it, then try again."
            )
        time.sleep(0.05)
    try:
        yield
    finally:
        os.close(descriptor)
