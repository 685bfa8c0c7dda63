"""The embedded PostgreSQL against the real server: start, stop, crash, and two at once."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import NullPool, create_engine, text

from evergreen.errors import PermanentError
from evergreen.local.account import unprivileged_account
from evergreen.local.postgres import DATABASES, EmbeddedPostgres

INCLUDE = str(Path(__file__).resolve().parents[3] / "include")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One data folder for the tests that leave it usable, since creating one is the slowest step."""
    home = Path(tempfile.mkdtemp(prefix="eg"))
    yield home
    EmbeddedPostgres(home).stop()
    shutil.rmtree(home)


@pytest.fixture
def server(home: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(home)


@pytest.fixture
def new_server() -> Iterator[EmbeddedPostgres]:
    home = Path(tempfile.mkdtemp(prefix="eg"))
    server = EmbeddedPostgres(home)
    yield server
    server.stop()
    shutil.rmtree(home)


def run(url: str, *statements: str) -> list[object]:
    engine = create_engine(url, poolclass=NullPool)
    rows: list[object] = []
    with engine.begin() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
            rows = list(result.scalars()) if result.returns_rows else []
    return rows


def pid_of(server: EmbeddedPostgres) -> int:
    pid = server.pid()
    assert pid is not None
    return pid


def test_starts_once_and_answers_in_every_database(server: EmbeddedPostgres):
    urls = server.ensure()
    pid = pid_of(server)
    assert server.ensure() == urls
    assert pid_of(server) == pid
    for name in DATABASES:
        assert run(getattr(urls, name), "select current_database()") == [name]
    assert run(urls.evergreen, "show fsync") == ["on"]
    assert run(urls.evergreen, "show listen_addresses") == ["127.0.0.1"]
    assert run(urls.evergreen, "select datcollate || datlocale from pg_database limit 1") == ["CC.UTF-8"]


def test_asynchronous_url_works(server: EmbeddedPostgres):
    from sqlalchemy.ext.asyncio import create_async_engine

    async def ask() -> object:
        engine = create_async_engine(server.ensure().airflow_async, poolclass=NullPool)
        async with engine.connect() as connection:
            return (await connection.execute(text("select 1"))).scalar()

    assert asyncio.run(ask()) == 1


def test_password_is_private_and_needed(server: EmbeddedPostgres):
    urls = server.ensure()
    password = server.home / "secrets" / "postgres_password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert stat.S_IMODE(password.parent.stat().st_mode) == 0o700
    secret = password.read_text().strip()
    assert secret not in repr(urls)
    with pytest.raises(Exception, match="password authentication failed"):
        run(urls.evergreen.replace(secret, "wrong"), "select 1")


def test_stop_and_start_keep_data_and_port(server: EmbeddedPostgres):
    urls = server.ensure()
    run(urls.sources, "create table seven (x int)", "insert into seven values (7)")
    assert server.stop() is True
    assert server.pid() is None
    assert server.stop() is False
    assert server.ensure() == urls
    assert run(urls.sources, "select x from seven") == [7]


def test_recovers_committed_rows_after_kill_9(server: EmbeddedPostgres):
    urls = server.ensure()
    run(urls.sources, "create table kept (x int)")
    for n in range(3):
        run(urls.sources, f"insert into kept values ({n})")
        os.kill(pid_of(server), signal.SIGKILL)
        server.ensure()
    assert run(urls.sources, "select x from kept order by x") == [0, 1, 2]


def test_two_processes_may_ensure_at_once(new_server: EmbeddedPostgres):
    code = (
        "import sys; from pathlib import Path; from evergreen.local.postgres import EmbeddedPostgres;"
        "p = EmbeddedPostgres(Path(sys.argv[1])); print(p.ensure().evergreen, p.pid())"
    )
    together = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(new_server.home)], env={"PYTHONPATH": INCLUDE}, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    answers = {process.communicate(timeout=60)[0] for process in together}
    assert len(answers) == 1
    assert str(pid_of(new_server)).encode() in answers.pop()


def test_pid_of_a_crashed_server_that_someone_else_has_now(server: EmbeddedPostgres):
    server.ensure()
    os.kill(pid_of(server), signal.SIGKILL)
    noted = server.home / "postgres" / "data" / "postmaster.pid"
    lines = noted.read_text().splitlines()
    account = unprivileged_account()  # PostgreSQL minds only processes of its own user
    bystander = subprocess.Popen(["sleep", "60"], user=account.uid if account else None)
    try:
        noted.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        assert server.stop() is False
        server.ensure()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_takes_another_port_when_its_own_is_taken(server: EmbeddedPostgres):
    server.ensure()
    port = int((server.home / "postgres.port").read_text())
    server.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        urls = server.ensure()
    assert f":{port}/" not in urls.evergreen
    assert run(urls.evergreen, "select 1") == [1]


def test_works_in_a_deep_folder_closed_to_others():
    top = Path(tempfile.mkdtemp(prefix="eg"))  # mode 0700
    server = EmbeddedPostgres(top / ("x" * 100) / "two words" / "home")
    try:
        assert run(server.ensure().evergreen, "select 1") == [1]
        assert psutil.Process(pid_of(server)).uids().effective != 0
    finally:
        server.stop()
        shutil.rmtree(top)


def test_killed_initdb_leaves_nothing_behind(new_server: EmbeddedPostgres):
    half = new_server.home / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    assert run(new_server.ensure().evergreen, "select 1") == [1]
    assert not half.exists()


def test_lost_password_file_says_so(server: EmbeddedPostgres):
    server.ensure()
    server.stop()
    file = server.home / "secrets" / "postgres_password"
    password = file.read_text()
    file.unlink()
    with pytest.raises(PermanentError, match="password file"):
        server.ensure()
    file.write_text("another")
    with pytest.raises(PermanentError, match=r"refuses us.*delete"):
        server.ensure()
    file.write_text(password)


def test_data_of_another_version_says_so(server: EmbeddedPostgres):
    server.ensure()
    server.stop()
    version = server.home / "postgres" / "data" / "PG_VERSION"
    version.write_text("15\n")
    with pytest.raises(PermanentError, match="made by PostgreSQL 15"):
        server.ensure()
    version.write_text("18\n")


def test_url_before_the_first_start_says_what_to_do(new_server: EmbeddedPostgres):
    with pytest.raises(PermanentError, match="make up"):
        new_server.url("evergreen")


def test_log_holds_no_values(server: EmbeddedPostgres):
    urls = server.ensure()
    run(urls.sources, "create table people (email text primary key)", "insert into people values ('a@example.com')")
    with pytest.raises(Exception, match="duplicate key"):
        run(urls.sources, "insert into people values ('a@example.com')")
    log = (server.home / "logs" / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "a@example.com" not in log


def test_fixture_gives_an_empty_database(database_url: str):
    assert run(database_url, "select count(*) from information_schema.tables where table_schema = 'public'") == [0]
