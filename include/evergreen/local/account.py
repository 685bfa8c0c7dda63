"""The account PostgreSQL runs as: it refuses to run as root, so root hands it to an unprivileged one."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CHOICES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged user of this machine."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Who servers that refuse root run as: None (the user itself) unless this process is root.

    For root it is `postgres` where that user exists, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for name in _CHOICES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LookupError(f"none of the users {', '.join(_CHOICES)} exists")


def may_enter(path: Path, account: Account) -> bool:
    """Whether the account may pass through every folder down to `path`."""
    for folder in (path, *path.parents):
        status = folder.stat()
        if status.st_uid == account.uid:
            bit = 0o100
        elif status.st_gid == account.gid:
            bit = 0o010
        else:
            bit = 0o001
        if not status.st_mode & bit:
            return False
    return True


def run_as(
    account: Account | None,
    command: Sequence[str],
    environment: Mapping[str, str],
    folders: Sequence[Path],
    timeout: float,
) -> subprocess.CompletedProcess[str]:
    """Run `command` to its end as `account` (None: as oneself), with its output joined as text.

    `folders` are the ones it has to reach. Where one lies under a folder closed to others (root's own home, a
    temporary folder), the account is given the one capability that passes through closed folders, on Linux only.
    """
    if account is None:
        return _run(command, environment, timeout)
    if all(may_enter(folder, account) for folder in folders):
        return _run(command, environment, timeout, account)
    wrapper = [sys.executable, "-I", "-S", str(Path(__file__).with_name("drop_root.py"))]
    return _run([*wrapper, str(account.uid), str(account.gid), *command], environment, timeout)


def _run(
    command: Sequence[str], environment: Mapping[str, str], timeout: float, account: Account | None = None
) -> subprocess.CompletedProcess[str]:
    # Output goes to a file, not a pipe: a server started in the background would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(
            command,
            env=dict(environment),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            timeout=timeout,
            check=False,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")
