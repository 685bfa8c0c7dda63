"""One supervisor for everything that runs on one machine: start in order, watch, restart, stop in reverse."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from evergreen.errors import EvergreenError, PermanentError
from evergreen.local import airflow
from evergreen.local.endpoints import Endpoint, Endpoints, write_endpoints
from evergreen.local.leftovers import stop_leftover
from evergreen.local.logs import trim
from evergreen.local.ownership import sole_supervisor
from evergreen.local.ports import is_free
from evergreen.local.postgres import EmbeddedPostgres, Urls
from evergreen.local.process import Service, State, SupervisedProcess
from evergreen.local.processes import ProcessId, identify, is_alive, listener
from evergreen.local.services import prepare, services
from evergreen.local.settings import LocalSettings

Story = Callable[[Endpoints], int]
"""What to do once everything is ready; it returns the exit status. It runs in a thread of its own."""
ServiceList = Callable[[LocalSettings, Urls], Sequence[Service]]

_TICK = 0.2
_GRACE = 6.0


def run(
    settings: LocalSettings,
    story: Story | None = None,
    *,
    stay: bool = True,
    listed: ServiceList | None = None,
    say: Callable[[str], None] = lambda line: print(line, flush=True),
) -> int:
    """Start everything, keep it running until Ctrl-C or SIGTERM, and return the exit status.

    Call it from the main thread. With a `story`, that runs when all is ready, and its status is returned;
    `stay=False` ends after it. `listed` replaces the list of processes. Raises PermanentError when something can't
    start (a port is taken, a process dies again and again), after stopping what did.
    """
    home = settings.absolute_home
    with sole_supervisor(home):
        supervisor = Supervisor(settings, listed or _all_services, say)
        with supervisor.signals():
            try:
                endpoints = supervisor.start()
                return supervisor.stay(endpoints, story, stay=stay) if endpoints else 130
            finally:
                supervisor.stop()


def _all_services(settings: LocalSettings, urls: Urls) -> Sequence[Service]:
    return services(settings, urls, os.environ)


class Supervisor:
    """The processes of one home. All its methods belong to the main thread."""

    def __init__(self, settings: LocalSettings, listed: ServiceList, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._listed = listed
        self._say = say
        self._postgres = EmbeddedPostgres(settings.home)
        self._server: ProcessId | None = None
        self._postgres_again = 0.0
        self._processes: list[SupervisedProcess] = []
        self._reported: dict[str, State] = {}
        self._interrupts = 0
        self._trimmed = time.monotonic()
        self._endpoints = settings.run / "endpoints.json"

    def signals(self) -> _Signals:
        """Count Ctrl-C, SIGTERM and a closed terminal as requests to stop, for the block."""

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            self._interrupts += 1

        return _Signals(interrupt)

    def start(self) -> Endpoints | None:
        """Start everything and wait until all is ready; None if interrupted. PermanentError if something fails."""
        began = time.monotonic()
        self._endpoints.unlink(missing_ok=True)
        for path in sorted(self._settings.run.glob("*.pid")):
            stop_leftover(path)
        urls = self._postgres.ensure()
        self._server = identify(self._postgres.pid() or 0)
        self._line("postgresql", "ready", time.monotonic() - began)
        prepare(self._settings, urls)
        listed = self._listed(self._settings, urls)
        _check_ports(listed)
        self._processes = [SupervisedProcess(one, self._settings.logs, self._settings.run) for one in listed]
        while not self._interrupts:
            self._start_what_can()
            self._tick()
            failed = [process for process in self._processes if process.state is State.FAILED]
            if failed:
                raise PermanentError(failed[0].reason)
            if all(process.state in (State.READY, State.DONE) for process in self._processes):
                self._line("all", "ready", time.monotonic() - began)
                return self._publish()
            time.sleep(_TICK)
        return None

    def stay(self, endpoints: Endpoints, story: Story | None, *, stay: bool) -> int:
        """Watch over everything while the story runs, and after it if `stay`; the exit status."""
        telling = _Telling(story, endpoints, self._say) if story else None
        while not self._interrupts:
            self._tick()
            if telling and not stay and telling.ended():
                break
            time.sleep(_TICK)
        if telling:
            return telling.status if telling.ended() else 130
        return 1 if any(process.state is State.FAILED for process in self._processes) else 0

    def stop(self) -> None:
        """Stop everything in reverse, PostgreSQL last; a second interrupt meanwhile kills what is left."""
        asked = self._interrupts
        for late in (False, True):
            wave = [one for one in reversed(self._processes) if one.service.stop_late is late and one.pid]
            members = [process.terminate() for process in wave]
            deadline = time.monotonic() + _GRACE
            for process, family in zip(wave, members, strict=True):
                in_time = process.end(family, deadline, hurry=lambda: self._interrupts > asked)
                self._say(f"  {process.service.name:<22} {'stopped' if in_time else 'killed'}")
        if self._postgres.pid():
            self._postgres.stop()
            self._say(f"  {'postgresql':<22} stopped")
        self._endpoints.unlink(missing_ok=True)

    def _start_what_can(self) -> None:
        ready = {one.service.name for one in self._processes if one.state in (State.READY, State.DONE)}
        for process in self._processes:
            if process.state is State.WAITING and ready.issuperset(process.service.needs):
                process.start()

    def _tick(self) -> None:
        database_down = self._keep_postgres()
        before = [process.pid for process in self._processes]
        for process in self._processes:
            process.step(blameless=database_down)
            self._report(process)
        if before != [process.pid for process in self._processes] and self._endpoints.exists():
            self._publish()
        if time.monotonic() - self._trimmed > 60:
            self._trimmed = time.monotonic()
            for log in self._settings.logs.glob("*.log"):
                trim(log)

    def _keep_postgres(self) -> bool:
        if self._server and is_alive(self._server):
            return False
        if time.monotonic() < self._postgres_again:
            return True
        self._postgres_again = time.monotonic() + 5
        self._say("  postgresql             died; starting it again")
        try:
            self._postgres.ensure()
            self._server = identify(self._postgres.pid() or 0)
        except EvergreenError as error:
            self._say(f"  postgresql             {error}")
        return True

    def _report(self, process: SupervisedProcess) -> None:
        name, state = process.service.name, process.state
        if self._reported.get(name) is state:
            return
        self._reported[name] = state
        if state in (State.READY, State.DONE):
            self._line(name, state.value, process.ready_after, process.service.url)
        elif state is State.RESTARTING:
            self._say(f"  {name:<22} {process.reason}; starting it again (log {process.log})")
        elif state is State.FAILED:
            self._say(f"  {process.reason}\n    It stays down until the next `make up`; the others go on.")

    def _line(self, name: str, what: str, seconds: float, url: str | None = None) -> None:
        self._say(f"  {name:<22} {what:<8} {seconds:5.1f} s{f'   {url}' if url else ''}")

    def _publish(self) -> Endpoints:
        user, _ = airflow.login(self._settings)
        endpoints = Endpoints(
            supervisor=os.getpid(),
            user=user,
            password_file=str(airflow.password_file(self._settings)),
            services={
                "postgresql": Endpoint(None, self._server.pid if self._server else None),
                **{one.service.name: Endpoint(one.service.url, one.pid) for one in self._processes},
            },
        )
        write_endpoints(self._endpoints, endpoints)
        return endpoints


class _Telling:
    """A story in a thread of its own, which ends with the program."""

    def __init__(self, story: Story, endpoints: Endpoints, say: Callable[[str], None]) -> None:
        self.status = 130
        self._thread = threading.Thread(target=self._tell, args=(story, endpoints, say), name="story", daemon=True)
        self._thread.start()

    def ended(self) -> bool:
        return not self._thread.is_alive()

    def _tell(self, story: Story, endpoints: Endpoints, say: Callable[[str], None]) -> None:
        self.status = 1
        try:
            self.status = story(endpoints)
        except EvergreenError as error:
            say(f"\n{error}")


class _Signals:
    """Handlers for the block, the earlier ones afterwards."""

    _NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self, handler: Callable[[int, FrameType | None], None]) -> None:
        self._handler = handler
        self._earlier: list[signal._HANDLER] = []

    def __enter__(self) -> None:
        self._earlier = [signal.signal(number, self._handler) for number in self._NUMBERS]

    def __exit__(self, *_: object) -> None:
        for number, earlier in zip(self._NUMBERS, self._earlier, strict=True):
            signal.signal(number, earlier)


def _check_ports(listed: Sequence[Service]) -> None:
    taken = [
        f"{service.name} can't listen on port {service.port}: {listener(service.port) or 'another program'} already "
        f"does. Stop that, or choose another port with {service.port_setting}=… in the environment."
        for service in listed
        if service.port is not None and not is_free(service.port)
    ]
    if taken:
        raise PermanentError("\n".join(taken))
