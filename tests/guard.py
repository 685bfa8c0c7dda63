"""A program that outlives the tests just long enough to stop their PostgreSQL and remove its folder.

The server is a daemon of another user: Linux's signal at a parent's death is lost when it gives up root, and the server
has no parent to lose. So a guard waits until the session closes its input, or dies in whatever way.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_INCLUDE = Path(__file__).resolve().parent.parent / "include"
_PROGRAM = """
import os, shutil, signal, sys
from pathlib import Path
from evergreen.local.postgres import EmbeddedPostgres
sys.stdin.read()
home, folder = Path(sys.argv[1]), Path(sys.argv[2])
server = EmbeddedPostgres(home)
pid = server.pid()
if pid is not None:
    os.kill(pid, signal.SIGQUIT)  # nothing of it is needed any more: no checkpoint
server.stop()
shutil.rmtree(folder, ignore_errors=True)
"""


@contextmanager
def guarded(home: Path, folder: Path | None = None) -> Iterator[None]:
    """While it is open, the PostgreSQL under `home` is stopped and `folder` (or `home`) removed at whatever end."""
    guard = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(home), str(folder or home)],
        stdin=subprocess.PIPE,
        env={"PYTHONPATH": str(_INCLUDE)},
        start_new_session=True,  # whoever kills the session's group does not kill the guard
    )
    try:
        yield
    finally:
        guard.communicate(timeout=60)
