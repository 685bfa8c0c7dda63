"""One supervisor a home, and who it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evergreen.errors import PermanentError
from evergreen.local.leftovers import forget, note, noted
from evergreen.local.locks import try_lock


@contextmanager
def sole_supervisor(home: Path) -> Iterator[None]:
    """Be the one supervisor of `home` for the block. Raises PermanentError, saying who is, when another one runs."""
    lock = try_lock(supervisor_lock(home))
    if lock is None:
        other = noted(supervisor_note(home))
        raise PermanentError(
            f"Evergreen already runs in {home}{f' (supervisor pid {other.pid})' if other else ''}. "
            "Stop it with `make down`, or set EVERGREEN_HOME to another folder."
        )
    try:
        note(supervisor_note(home), os.getpid())
        yield
    finally:
        forget(supervisor_note(home))
        os.close(lock)


def supervisor_note(home: Path) -> Path:
    """The file that says who supervises `home`."""
    return home / "run" / "supervisor.json"


def supervisor_lock(home: Path) -> Path:
    """The file that the supervisor of `home` holds locked while it lives."""
    return home / "run" / "supervisor.lock"
