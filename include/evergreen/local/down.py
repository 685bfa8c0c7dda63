"""Stop everything of one home from another shell."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from evergreen.errors import TransientError
from evergreen.local.leftovers import noted, stop_leftover
from evergreen.local.locks import try_lock
from evergreen.local.ownership import supervisor_lock, supervisor_note
from evergreen.local.postgres import EmbeddedPostgres
from evergreen.local.processes import is_alive

_STOP_TIMEOUT = 45.0


def down(home: Path, say: Callable[[str], None] = print) -> bool:
    """Stop whatever runs in `home`, started by whichever shell, and wait for it; whether anything ran.

    Without a living supervisor it stops what a killed one left, and the embedded PostgreSQL. Raises TransientError
    when the supervisor has not stopped after 45 s.
    """
    home = home.absolute()
    lock_path = supervisor_lock(home)
    deadline = time.monotonic() + _STOP_TIMEOUT
    found = False
    while (lock := try_lock(lock_path) if lock_path.exists() else -1) is None:
        supervisor = noted(supervisor_note(home))
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
