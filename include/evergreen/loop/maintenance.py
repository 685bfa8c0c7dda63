"""The weekly upkeep: collect garbage, verify hashes, back up the ledger, find what was missed."""

from __future__ import annotations

import gzip
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from evergreen.errors import PermanentError, bounded
from evergreen.ledger.items import Item, open_items
from evergreen.ledger.tables import metadata
from evergreen.loop.active import project_alias
from evergreen.loop.copies import copy_versions
from evergreen.loop.instance import Instance
from evergreen.loop.reconcile import reconcile

KEEP_BACKUPS = 8
IDLE = timedelta(days=1)
"""A run whose staging folder was not touched for so long is over."""


def collect_garbage(instance: Instance, at: datetime) -> int:
    """Remove cache objects of the registry that no version names, and staging folders of runs that are over by `at`."""
    removed = instance.registry.collect_garbage()
    busy = {item.use_case for item in _open(instance)}
    for folder in instance.settings.staging.glob("*/*"):
        if folder.parent.name not in busy and _idle(folder, at - IDLE):
            shutil.rmtree(folder, ignore_errors=True)
    return removed


def _idle(folder: Path, since: datetime) -> bool:
    within = (Path(root, name) for root, folders, files in os.walk(folder) for name in (*folders, *files))
    try:
        return all(path.lstat().st_mtime < since.timestamp() for path in (folder, *within))
    except FileNotFoundError:  # somebody is at work in it
        return False


def verify(instance: Instance) -> list[str]:
    """Make up for second copies, and hash every file of every version, here and on the remote; what is wrong, in words.
    Aliases moved by hand too.
    """
    problems: list[str] = []
    for name in instance.names():
        copy_versions(instance, name)
        for version in instance.registry.history(name):
            problems += instance.registry.verify(version)
        moved = project_alias(instance, name)
        problems += [moved] if moved is not None else []
    return problems


def must_be_sound(problems: list[str]) -> None:
    """Raise PermanentError naming the first problems, if there are any."""
    if problems:
        raise PermanentError(f"{len(problems)} problem(s): {bounded(problems, 3)}")


def back_up_ledger(instance: Instance, at: datetime) -> Path:
    """Write every table of the ledger as gzipped CSV into a dated folder; the newest eight are kept."""
    backups = instance.settings.home.absolute() / "backups"
    folder = backups / f"{at:%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with instance.ledger() as db:
        cursor = db.connection.cursor()
        for table in metadata.sorted_tables:
            with gzip.open(folder / f"{table.name}.csv.gz", "wb") as file:
                statement = f'COPY evergreen."{table.name}" TO STDOUT (FORMAT csv, HEADER)'
                cursor.copy_expert(statement, file)
    for old in sorted(backups.iterdir())[:-KEEP_BACKUPS]:
        shutil.rmtree(old)
    return folder


def missed(instance: Instance) -> list[Item]:
    """Open items of all use cases, after the ledger has been brought up to the registry."""
    for name in instance.names():
        reconcile(instance, name)
    return _open(instance)


def _open(instance: Instance) -> list[Item]:
    with instance.ledger() as db:
        return open_items(db)
