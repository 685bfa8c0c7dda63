"""A process that judges configurations: kept warm, so that a trial that takes too long or too much can really be ended.

It is started as a new program, never forked: OpenMP's threads do not survive a fork. Parent and child speak over a
socket that both inherit nothing else through, and the child ends when the parent is gone.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from evergreen.errors import EvergreenError

_START = "import sys; sys.path[:] = {path!r}; from evergreen.training.trial.child import serve; serve({file}, {parent})"
_ALONE = 1.0
"""Seconds between two looks of a child at whether its parent is still there."""


@dataclass
class Child:
    """A running child, with the `work` it judges configurations of."""

    work: Any
    _process: subprocess.Popen[bytes] = field(init=False, repr=False)
    connection: Connection = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            start = _START.format(path=[path or "." for path in sys.path], file=theirs.fileno(), parent=os.getpid())
            threads = str(self.work.n_jobs)
            self._process = subprocess.Popen(
                [sys.executable, "-c", start],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the parent's to hear
                env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            )
        self.connection = Connection(ours.detach())
        self.connection.send(self.work)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def memory(self) -> int:
        """Bytes it holds in memory; 0 when it is gone."""
        import psutil

        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.NoSuchProcess:
            return 0

    def end(self) -> None:
        """Stop it, whatever it is doing."""
        self.connection.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


def serve(file: int, parent: int) -> None:
    """The child's life: take the work, judge what is asked for, until the parent closes the socket or is gone."""
    threading.Thread(target=_end_without, args=(parent,), daemon=True).start()
    connection = Connection(file)
    try:
        _serve(connection)
    except (EOFError, ConnectionError, KeyboardInterrupt):
        return


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_ALONE)
    os._exit(1)


def _serve(connection: Connection) -> None:
    from evergreen.training.trial.judge import Judge
    from evergreen.training.trial.work import NotFinite, Pruned

    work = connection.recv()
    try:
        judge = Judge(work)
    except EvergreenError as error:
        connection.send(("ours", error))
        return
    connection.send(("ready",))

    def on_fold(index: int, scores: tuple[float, ...]) -> bool:
        connection.send(("fold", index, scores))
        return bool(connection.recv())

    while True:
        configuration, name, seconds = connection.recv()
        try:
            answer: tuple[Any, ...] = ("judged", judge.judge(configuration, name, on_fold, seconds))
        except Pruned:
            answer = ("pruned",)
        except NotFinite:
            answer = ("failed", "NotFinite")
        except EvergreenError as error:
            answer = ("ours", error)
        except MemoryError:
            os._exit(1)  # what is left of the heap is not to be trusted
        except (EOFError, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever an estimator raises costs its own trial only
            answer = ("failed", type(error).__name__)  # a message may quote values of a row; the type does not
        connection.send(answer)
