"""One process under supervision: started with a log, watched until ready, restarted when it dies, stopped whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from evergreen.local.leftovers import forget, note
from evergreen.local.logs import last_lines, make_room
from evergreen.local.probes import Probe
from evergreen.local.processes import ProcessId, family, is_alive, kill

_WRAPPER = Path(__file__).with_name("die_with_parent.py")
_DELAYS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
_DEATHS_AT_START = 2
_FORGIVEN_AFTER = 120.0


@dataclass(frozen=True, slots=True)
class Service:
    """What to run and how to tell that it is ready. `needs` names the services that must be ready before it starts."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    ready: Probe | None
    """None: it runs once to its end, and is ready when it has ended with status 0."""
    needs: tuple[str, ...] = ()
    url: str | None = None
    port: int | None = None
    port_setting: str | None = None
    folder: Path | None = None
    patience: float = 300.0
    """Seconds from start to ready before it counts as failed."""
    stop_late: bool = False
    """Others talk to it while they stop: it is stopped after them."""
    kill_children: bool = False
    """At a stop its children are killed, parents first, before they can report a failure: their work is done again."""
    on_done: Callable[[], None] | None = None


class State(Enum):
    """Where a supervised process is in its life."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    DONE = "done"
    RESTARTING = "restarting"
    FAILED = "failed"


class SupervisedProcess:
    """Runs one `Service`. `step()` is called again and again by one thread, which is also the one that starts it:
    Linux ties a child to the thread that made it.
    """

    def __init__(self, service: Service, logs: Path, run: Path) -> None:
        self.service = service
        self.log = logs / f"{service.name}.log"
        self.state = State.WAITING
        self.reason = ""
        self.ready_after = 0.0
        self.restarts = 0
        self._note = run / f"{service.name}.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths = 0
        self._was_ready = False
        self._started = self._retry_at = self._began = 0.0

    @property
    def pid(self) -> int | None:
        """The pid of the running process, or None."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process in a session of its own, with its output appended to its log."""
        make_room(self.log)
        command = list(self.service.command)
        if sys.platform == "linux":
            command = [sys.executable, "-I", "-S", str(_WRAPPER), str(os.getpid()), *command]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env=dict(self.service.environment),
                cwd=self.service.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.log.chmod(0o600)
        note(self._note, self._process.pid)
        self._started, self._began = time.time(), time.monotonic()
        self.state = State.STARTING

    def step(self, *, blameless: bool = False) -> None:
        """Look once at the process and do what is due: find it ready, or dead, or start it again.

        `blameless`: what it depends on is down, so that a death does not count.
        """
        if self.state is State.RESTARTING:
            if time.monotonic() >= self._retry_at:
                self.restarts += 1
                self.start()
            return
        if self.state not in (State.STARTING, State.READY) or self._process is None:
            return
        status = self._process.poll()
        if status is not None:
            self._died(status, blameless=blameless)
        elif self.state is State.STARTING:
            if self.service.ready and self.service.ready(self._started):
                self.state, self.ready_after = State.READY, time.monotonic() - self._began
                self._was_ready = True
            elif time.monotonic() - self._began > self.service.patience:
                self._fail(f"was not ready after {self.service.patience:.0f} s")
        elif time.monotonic() - self._began > _FORGIVEN_AFTER:
            self._deaths = 0

    def terminate(self) -> list[ProcessId]:
        """Ask the process and its children to end; everyone who was asked."""
        members = self._family()
        if self.service.kill_children:
            for member in members:
                if member.pid != self.pid:
                    kill(member)
        if self.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGTERM)
        return members

    def end(self, members: list[ProcessId], deadline: float, *, hurry: Callable[[], bool]) -> bool:
        """Wait until `deadline` (monotonic) for `terminate()`'s `members`, then kill them; whether all left in time."""
        in_time = True
        while self._living(members):
            if time.monotonic() > deadline or hurry():
                in_time = False
                for member in [*self._living(members), *self._family()]:
                    kill(member)
                break
            time.sleep(0.05)
        if self._process:
            self._process.wait()
        forget(self._note)
        self._process = None
        self.state = State.WAITING
        return in_time

    def _family(self) -> list[ProcessId]:
        return family(self.pid) if self.pid else []

    def _living(self, members: list[ProcessId]) -> list[ProcessId]:
        if self._process:
            self._process.poll()
        return [member for member in members if is_alive(member)]

    def _died(self, status: int, *, blameless: bool) -> None:
        for member in self._family():  # a killed scheduler leaves its workers behind
            kill(member)
        self._process = None
        forget(self._note)
        if self.service.ready is None and status == 0:
            self.state, self.ready_after = State.DONE, time.monotonic() - self._began
            if self.service.on_done:
                self.service.on_done()
            return
        self._deaths += 0 if blameless else 1
        ended = f"ended with status {status}" if status >= 0 else f"was killed by {signal.Signals(-status).name}"
        if self._deaths > (len(_DELAYS) if self._was_ready else _DEATHS_AT_START):
            self._fail(f"{ended} {self._deaths} times")
            return
        self.reason = ended
        self._retry_at = time.monotonic() + _DELAYS[max(0, self._deaths - 1)]
        self.state = State.RESTARTING

    def _fail(self, what: str) -> None:
        if self._process:
            self.end(self.terminate(), time.monotonic() + 5, hurry=lambda: False)
        lines = "\n".join(f"    {line}" for line in last_lines(self.log, 12))
        self.reason = f"{self.service.name} {what}. The last lines of {self.log}:\n{lines}"
        self.state = State.FAILED
