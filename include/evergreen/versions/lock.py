"""Locks between the processes of one machine, which vanish with the process that held them."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evergreen.errors import TransientError
from evergreen.versions.objects import disk_errors


@contextmanager
def locked(path: Path, *, shared: bool = False, patience: float = 60.0) -> Iterator[None]:
    """Hold the lock file `path` inside the block; TransientError after `patience` seconds of waiting.

    Correctness never rests on it (the create-only tag decides who published); it keeps the history a straight line and
    garbage collection away from publishers.
    """
    with disk_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise TransientError(
                        f"{path} has been held by another process for {patience:g} s: run again when it is done."
                    ) from None
                time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)
