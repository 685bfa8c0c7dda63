"""One supervisor a home: who it is, and how another shell stops it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from evergreen.errors import PermanentError, TransientError
from evergreen.local.leftovers import forget, note, noted, stop_leftover
from evergreen.local.locks import try_lock
from evergreen.local.postgres import EmbeddedPostgres
from evergreen.local.processes import is_alive

_STOP_TIMEOUT = 45.0


@contextmanager
def sole_supervisor(home: Path) -> Iterator[None]:
    """Be the one supervisor of `home` for the block. Raises PermanentError, saying who is, when another one runs."""
    lock = try_lock(home / "run" / "supervisor.lock")
    if lock is None:
        other = noted(_note(home))
        raise PermanentError(
            f"Evergreen already runs in {home}{f' (supervisor pid {other.pid})' if other else ''}. "
            "Stop it with `make down`, or set EVERGREEN_HOME to another folder."
        )
    try:
        note(_note(home), os.getpid())
        yield
    finally:
        forget(_note(home))
        os.close(lock)


def down(home: Path, say: Callable[[str], None] = print) -> bool:
    """Stop whatever runs in `home`, started by whichever shell, and wait for it; whether anything ran.

    Without a living supervisor it stops what a killed one left, and the embedded PostgreSQL. Raises TransientError
    when the supervisor has not stopped after 45 s.
    """
    home = home.absolute()
    lock_path = home / "run" / "supervisor.lock"
    deadline = time.monotonic() + _STOP_TIMEOUT
    found = False
    while (lock := try_lock(lock_path) if lock_path.exists() else -1) is None:
        supervisor = noted(_note(home))
        if not found and supervisor and is_alive(supervisor):
            say(f"Stopping the supervisor (pid {supervisor.pid}) …")
            os.kill(supervisor.pid, signal.SIGTERM)
            found = True
        if time.monotonic() > deadline:
            raise TransientError(
                f"The supervisor of {home} has not stopped after {_STOP_TIMEOUT:.0f} s; see {home / 'logs'}. "
                "Run `make down` again, or kill it: the next start cleans up after it."
            )
        time.sleep(0.1)
    try:
        left = sum(stop_leftover(path) for path in sorted((home / "run").glob("*.pid")))
        stopped = (home / "postgres").exists() and EmbeddedPostgres(home).stop()
    finally:
        if lock >= 0:
            os.close(lock)
    return found or bool(left) or stopped


def _note(home: Path) -> Path:
    return home / "run" / "supervisor.json"
