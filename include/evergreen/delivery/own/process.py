"""The service's end of a release's own process: a predictor like any other, that can end and be stopped."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from evergreen.delivery.own.wire import FAILED, PREDICT, SCHEMA, pack, receive, send, unpack
from evergreen.delivery.where import FailedElsewhere
from evergreen.errors import PermanentError, TransientError

START_SECONDS = 120.0
ANSWER_SECONDS = 60.0
"""A process that keeps a request waiting for longer hangs: it is killed and started again."""
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Column:
    """One column the model reads, as its own process says."""

    name: str
    type: str
    nullable: bool


class OwnProcess:
    """A model in a process of its own. `predict` may be called from as many threads as it has channels; more wait.

    One process with a connection a thread, since that is what the service's own threads are to a model inside it: a
    large request makes no small one wait, and the model is in memory once.
    """

    def __init__(self, called: str, process: subprocess.Popen[bytes], channels: Sequence[socket.socket]) -> None:
        self._called = called
        self._process = process
        self._channels = channels
        self._free: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()
        for channel in channels:
            self._free.put(channel)
        self.schema: tuple[Column, ...] = ()

    @classmethod
    def start(
        cls, called: str, python: Path, environment: Mapping[str, str], model: Path, *, threads: int
    ) -> OwnProcess:
        """Start the packed code (on `environment`'s path) under `python`, and wait until the model is loaded.

        The caller has checked the hashes of code and model. Raises PermanentError when it ends or fails on the way.
        """
        pairs = [socket.socketpair() for _ in range(threads)]
        theirs = [pair[1] for pair in pairs]
        try:
            process = subprocess.Popen(
                [
                    *(str(python), "-P", "-m", "evergreen.delivery.own.child", str(model)),
                    *(str(one.fileno()) for one in theirs),
                ],
                env=dict(environment),
                cwd=model,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[one.fileno() for one in theirs],
                start_new_session=True,
            )
        except OSError as error:
            for channel, _ in pairs:
                channel.close()
            raise PermanentError(f"the process of {called} could not be started ({type(error).__name__})") from error
        finally:
            for one in theirs:
                one.close()
        started = cls(called, process, [pair[0] for pair in pairs])
        try:
            started.schema = started._ask_schema()
        except BaseException:
            started.stop()
            raise
        return started

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The model's predictions.

        Raises FailedElsewhere when the model fails on these rows, TransientError when the process has ended.
        """
        try:
            kind, body = self._ask(PREDICT, pack(frame), ANSWER_SECONDS)
        except (OSError, EOFError) as error:
            self._kill()
            raise TransientError(
                f"the process of {self._called} has ended; it is being started again, ask again in a moment"
            ) from error
        if kind == FAILED:
            raise FailedElsewhere(json.loads(body)["error"])
        return unpack(body)

    def stop(self) -> None:
        """End the process and wait for it. The caller has let requests finish; it may be called twice."""
        stdin = self._process.stdin
        if stdin is not None:
            with suppress(OSError):
                stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()
        for channel in self._channels:
            channel.close()

    def _ask_schema(self) -> tuple[Column, ...]:
        try:
            kind, body = self._ask(SCHEMA, b"", START_SECONDS)
        except (OSError, EOFError) as error:
            late = isinstance(error, TimeoutError)
            how = f"was not ready after {START_SECONDS:g} s" if late else "ended while it was started"
            raise PermanentError(f"the process of {self._called} {how}; the service's log says more") from error
        said = json.loads(body)
        if kind == FAILED:
            raise PermanentError(f"the process of {self._called} could not load the model ({said['error']})")
        return tuple(Column(one["name"], one["type"], one["nullable"]) for one in said)

    def _ask(self, kind: bytes, body: bytes, patience: float) -> tuple[bytes, bytes]:
        channel = self._free.get()
        try:
            channel.settimeout(patience)
            send(channel, kind, body)
            return receive(channel)
        except BaseException:
            channel.close()  # an answer that comes late must never be read as the next one's
            raise
        finally:
            self._free.put(channel)

    def _kill(self) -> None:
        """End it at once. A connection may break a moment before the process that held it is gone, so wait for that."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
