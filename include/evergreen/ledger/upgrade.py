"""Bring a ledger up to this program's revision (Alembic). A ledger from a newer program is left alone."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from evergreen.ledger.errors import NewerLedger
from evergreen.ledger.tables import SCHEMA, VERSION_TABLE

REVISION = "0002"
"""What this program reads and writes: the newest step in `migrations/versions`."""
_SETUP = 7_203_114


def upgrade(db: Connection) -> None:
    """Create or upgrade the ledger's tables, in the caller's transaction; safe when several processes do so at once.

    Raises NewerLedger when a newer program has upgraded it already.
    """
    found = revision_of(db)
    if found == REVISION:
        return
    db.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _SETUP})
    found = revision_of(db)  # another process may have been quicker
    if found == REVISION:
        return
    if found is not None and found not in _known():
        raise NewerLedger(
            f"The ledger has revision {found}, but this program knows revisions up to {REVISION} only. A newer "
            "Evergreen has upgraded it. Run that version, or restore a backup of the ledger from before."
        )
    db.execute(text(f"create schema if not exists {SCHEMA}"))
    _run_steps(db)


def revision_of(db: Connection) -> str | None:
    """The revision a ledger is at; None: it has no number yet, or there is no ledger."""
    table = f"{SCHEMA}.{VERSION_TABLE}"
    if db.execute(text("select to_regclass(:name)"), {"name": table}).scalar() is None:
        return None
    found = db.execute(text(f"select version_num from {table}")).scalar()  # noqa: S608 - a constant
    return str(found) if found is not None else None


def _known() -> set[str]:
    return {path.name[1:5] for path in (Path(__file__).parent / "migrations" / "versions").glob("r[0-9]*.py")}


def _run_steps(db: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": db})
    config.set_main_option("script_location", "evergreen.ledger:migrations")
    config.set_main_option("path_separator", "os")
    command.upgrade(config, REVISION)
