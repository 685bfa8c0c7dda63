"""The embedded PostgreSQL: a real server from a wheel, for Airflow, MLflow, Optuna, the ledger and the samples."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from evergreen.errors import PermanentError, TransientError, bounded
from evergreen.local.account import unprivileged_account
from evergreen.local.cluster import Cluster
from evergreen.local.locks import locked
from evergreen.local.ports import LOOPBACK, free_port, is_free
from evergreen.local.secrets import secret

USER = "evergreen"
DATABASES = ("airflow", "mlflow", "optuna", "evergreen", "sources", "predictions")


@dataclass(frozen=True, slots=True)
class Urls:
    """SQLAlchemy URLs of the databases, with the password in them: never print or log one."""

    airflow: str = field(repr=False)
    airflow_async: str = field(repr=False)
    mlflow: str = field(repr=False)
    optuna: str = field(repr=False)
    evergreen: str = field(repr=False)
    sources: str = field(repr=False)
    predictions: str = field(repr=False)


class EmbeddedPostgres:
    """One PostgreSQL server whose data, password and port live under `home`.

    It listens on 127.0.0.1 only (no socket file, so the depth of `home` does not matter), asks for a password, and
    writes durably. The server outlives the process that started it, so that several may share it; `stop()` ends it
    whoever started it. Every method may be called from several processes at once.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self._folder = self.home / "postgres"
        self._port_file = self._folder.with_name("postgres.port")
        self._lock = self.home / "run" / "postgres.lock"

    def ensure(self, timeout: float = 90.0) -> Urls:
        """Create server and databases where they are missing, start the server if it is not running, and wait for it.

        Costs about a second the first time and a few hundredths once it runs. After a crash it first recovers what
        was committed. Raises PermanentError when it can't start, TransientError when another process holds the lock.
        """
        with locked(self._lock, timeout, "starting or stopping the embedded PostgreSQL"):
            password = self._password()
            cluster = self._cluster()
            cluster.create(USER, password)
            if cluster.server_pid() is None:
                self._start(cluster)
            self._create_databases()
        return self.urls()

    def stop(self, timeout: float = 30.0) -> bool:
        """Stop the server, ending open sessions, and wait for it; whether there was one to stop."""
        with locked(self._lock, timeout, "starting or stopping the embedded PostgreSQL"):
            cluster = self._cluster()
            pid = cluster.server_pid()
            if pid is None:
                return False
            os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
            if not self._gone(cluster, timeout):
                os.kill(pid, signal.SIGQUIT)  # "immediate": the next start recovers from the log
                if not self._gone(cluster, 5):
                    raise TransientError(f"The embedded PostgreSQL (pid {pid}) does not stop; see {cluster.log}.")
            return True

    def pid(self) -> int | None:
        """The running server's pid, or None."""
        return self._cluster().server_pid()

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of its databases, password included. Raises PermanentError before `ensure()`."""
        return self._url(database, "psycopg2")

    def urls(self) -> Urls:
        """The URLs of its own databases; Airflow needs a second one for its asynchronous driver."""
        return Urls(airflow_async=self._url("airflow", "asyncpg"), **{name: self.url(name) for name in DATABASES})

    def create_database(self, name: str) -> str:
        """Create a database if it does not exist and return its URL."""
        with self._autocommit() as connection:
            known = connection.execute(text("select 1 from pg_database where datname = :name"), {"name": name}).first()
            if known is None:
                connection.execute(text(f"create database {_quoted(name)}"))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending its sessions."""
        with self._autocommit() as connection:
            connection.execute(text(f"drop database if exists {_quoted(name)} with (force)"))

    def _cluster(self) -> Cluster:
        try:
            account = unprivileged_account()
        except LookupError as error:
            raise PermanentError(
                f"The embedded PostgreSQL refuses to run as root, and {error}. Run this as another user, "
                "or set EVERGREEN_DATABASE_URL to a PostgreSQL server of your own."
            ) from None
        return Cluster(self._folder, self.home / "logs" / "postgres.log", account)

    def _password(self) -> str:
        file = self.home / "secrets" / "postgres_password"
        if not file.exists() and (self._folder / "data").exists():
            raise PermanentError(
                f"{self._folder} holds a database whose password file {file} is missing. Put the file back, or "
                f"delete {self.home} to start afresh."
            )
        return secret(file.parent, file.name)

    def _start(self, cluster: Cluster) -> None:
        refused = ""
        for _ in range(3):  # another program may take a port between our look and the server's
            port = self._choose_port()
            started, refused = cluster.start(port)
            if started:
                return
            if is_free(port):
                break
        raise PermanentError(f"The embedded PostgreSQL did not start; the last lines of {cluster.log}:\n{refused}")

    def _choose_port(self) -> int:
        remembered = int(self._port_file.read_text()) if self._port_file.exists() else 0
        if remembered and is_free(remembered):
            return remembered
        port = free_port()
        temporary = self._port_file.with_suffix(".tmp")
        temporary.write_text(f"{port}\n")
        temporary.replace(self._port_file)
        return port

    def _create_databases(self) -> None:
        try:
            with self._autocommit() as connection:
                known = set(connection.execute(text("select datname from pg_database")).scalars())
                for name in DATABASES:
                    if name not in known:
                        connection.execute(text(f"create database {_quoted(name)}"))
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()
            raise PermanentError(
                f"The embedded PostgreSQL under {self.home} runs but refuses us: {bounded(reason, 2)} "
                f"Check {self.home / 'secrets' / 'postgres_password'}, or delete {self.home} to start afresh."
            ) from None

    def _autocommit(self) -> Connection:
        engine = create_engine(self.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        return engine.connect()

    def _url(self, database: str, driver: str) -> str:
        if not self._port_file.exists():
            raise PermanentError(
                f"There is no embedded PostgreSQL under {self.home} yet. Start it with `make up`, "
                "or set EVERGREEN_HOME to the folder of an instance that has one."
            )
        password = (self.home / "secrets" / "postgres_password").read_text(encoding="utf-8").strip()
        port = int(self._port_file.read_text())
        url = URL.create(f"postgresql+{driver}", USER, password, LOOPBACK, port, database)
        return url.render_as_string(hide_password=False)

    @staticmethod
    def _gone(cluster: Cluster, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while cluster.is_in_use():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
