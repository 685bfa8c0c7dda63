"""The supervisor against real processes: two small servers and the embedded PostgreSQL."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from evergreen.local.down import down
from evergreen.local.endpoints import Endpoints, read_endpoints
from evergreen.local.ports import free_port
from evergreen.local.postgres import EmbeddedPostgres
from evergreen.local.probes import get

PROGRAM = Path(__file__).with_name("supervised.py")
INCLUDE = str(Path(__file__).resolve().parents[3] / "include")


def eventually(true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


class Machine:
    """A home and the supervisors started in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ports = (free_port(), free_port())
        self.started: list[subprocess.Popen[str]] = []

    def up(self) -> subprocess.Popen[str]:
        output = (self.home / "output").open("w")
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(self.home), *map(str, self.ports)],
            env={"PYTHONPATH": INCLUDE, "PATH": os.environ["PATH"]},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output.close()
        self.started.append(process)
        return process

    def output(self) -> str:
        return (self.home / "output").read_text()

    def endpoints(self) -> Endpoints:
        path = self.home / "run" / "endpoints.json"
        running = self.started[-1]
        eventually(lambda: ((found := read_endpoints(path)) and found.supervisor == running.pid) or running.poll())
        found = read_endpoints(path)
        assert found, self.output()
        return found

    def child_of(self, name: str) -> int:
        return int(get(f"{self.endpoints().url(name)}/")[1])


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for all, since making its database is the slowest step; each test leaves it stopped."""
    home = Path(tempfile.mkdtemp(prefix="eg"))
    yield home
    shutil.rmtree(home)


@pytest.fixture
def machine(home: Path) -> Iterator[Machine]:
    machine = Machine(home)
    yield machine
    for process in machine.started:
        if process.poll() is None:
            process.kill()
            process.wait()
    down(machine.home, say=lambda _: None)
    (home / "two.broken").unlink(missing_ok=True)


def test_starts_all_and_stops_all_with_postgres_last(machine: Machine):
    process = machine.up()
    endpoints = machine.endpoints()
    pids = [service.pid for service in endpoints.services.values() if service.pid]
    pids += [machine.child_of("one"), machine.child_of("two")]
    assert len(pids) == 5
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 0
    assert not any(map(alive, pids))
    stopped = [line.split()[0] for line in machine.output().splitlines() if line.endswith("stopped")]
    assert stopped == ["two", "one", "postgresql"]
    assert not list((machine.home / "run").glob("*.pid"))
    assert not (machine.home / "run" / "endpoints.json").exists()


def test_restarts_a_killed_process_and_its_children(machine: Machine):
    machine.up()
    old = machine.endpoints().services["one"].pid
    orphan = machine.child_of("one")
    assert old
    os.kill(old, signal.SIGKILL)
    eventually(lambda: read_endpoints(machine.home / "run" / "endpoints.json").services["one"].pid not in (old, None))
    eventually(lambda: get(f"{machine.endpoints().url('one')}/")[0] == 200)
    assert not alive(orphan)
    assert "was killed by SIGKILL; starting it again" in machine.output()


def test_gives_up_on_a_process_that_always_dies_and_says_why(machine: Machine):
    (machine.home / "two.broken").touch()
    process = machine.up()
    assert process.wait(60) == 2
    assert "refused: two ended with status 3" in machine.output()
    assert "a broken part: the reason" in machine.output()
    assert EmbeddedPostgres(machine.home).pid() is None


def test_starts_postgres_again_when_it_was_killed(machine: Machine):
    machine.up()
    old = machine.endpoints().services["postgresql"].pid
    assert old
    os.kill(old, signal.SIGKILL)
    eventually(lambda: EmbeddedPostgres(machine.home).pid() not in (old, None))
    assert EmbeddedPostgres(machine.home).ensure()


def test_a_killed_supervisor_leaves_no_one_in_the_way(machine: Machine):
    first = machine.up()
    endpoints = machine.endpoints()
    orphans = [machine.child_of("one"), machine.child_of("two")]
    first.kill()
    first.wait()
    machine.up()
    again = machine.endpoints()
    assert again.services["one"].pid != endpoints.services["one"].pid
    assert again.services["postgresql"].pid == endpoints.services["postgresql"].pid
    eventually(lambda: not any(map(alive, orphans)))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_processes_end_by_themselves_when_the_supervisor_is_killed(machine: Machine):
    process = machine.up()
    pid = machine.endpoints().services["one"].pid
    assert pid
    process.kill()
    process.wait()
    eventually(lambda: not alive(pid), 5)


def test_a_recycled_pid_is_not_killed(machine: Machine):
    first = machine.up()
    machine.endpoints()
    first.kill()
    first.wait()
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        note = machine.home / "run" / "one.pid"
        note.write_text(json.dumps({**json.loads(note.read_text()), "pid": bystander.pid}))
        down(machine.home, say=lambda _: None)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_down_from_another_shell_waits_until_all_is_stopped(machine: Machine):
    process = machine.up()
    pid = machine.endpoints().services["one"].pid
    assert pid
    assert down(machine.home, say=lambda _: None) is True
    assert not alive(pid)
    assert process.wait(1) == 0
    assert down(machine.home, say=lambda _: None) is False


def test_a_second_supervisor_says_who_runs_and_how_to_stop(machine: Machine):
    first = machine.up()
    machine.endpoints()
    assert machine.up().wait(20) == 2
    assert f"already runs in {machine.home} (supervisor pid {first.pid})" in machine.output()
    assert "make down" in machine.output()


def test_a_taken_port_names_port_process_and_setting(machine: Machine):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        machine.ports = (taken.getsockname()[1], machine.ports[1])
        process = machine.up()
        assert process.wait(20) == 2
    output = machine.output()
    assert f"one can't listen on port {machine.ports[0]}" in output
    assert f"(pid {os.getpid()})" in output
    assert "EVERGREEN_ONE_PORT" in output
    assert EmbeddedPostgres(machine.home).pid() is None
