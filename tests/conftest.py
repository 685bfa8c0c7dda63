"""Fixtures every test may use: a real PostgreSQL of the session's own, and a fresh database in it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.guard import guarded

if TYPE_CHECKING:
    from evergreen.local.postgres import EmbeddedPostgres

_numbers = itertools.count(1)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadscope` a worker takes a whole folder: what its tests share is started once."""
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByFolder(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return str(Path(nodeid.partition("::")[0]).parent)

    return ByFolder(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Who was struck, and in which step: what the tests recorded as `struck`."""
    done = [report for reports in terminalreporter.stats.values() for report in reports]
    lines = [
        f"{report.nodeid.rpartition('::')[2]}: {value}"
        for report in done
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == "struck"
    ]
    if lines:
        terminalreporter.section("struck")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A running embedded PostgreSQL under a temporary home, shared by the session's tests; stopped at its end."""
    from sqlalchemy import create_engine, text

    from evergreen.local.postgres import EmbeddedPostgres

    home = Path(tempfile.mkdtemp(prefix="eg"))
    with guarded(home):
        server = EmbeddedPostgres(home)
        server.ensure()
        # Nothing here has to survive the machine, and syncing a database per test takes most of the time.
        with create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("alter system set fsync = off"))
            connection.execute(text("select pg_reload_conf()"))
            connection.engine.dispose()
        yield server


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database of this test's own, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)
