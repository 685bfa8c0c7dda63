"""Open the ledger: its engine, its tables, and one lock a use case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from evergreen.ledger.errors import Busy, LedgerUnavailable
from evergreen.ledger.upgrade import upgrade


def open_engine(url: str) -> Engine:
    """An engine for the ledger's PostgreSQL that checks connections before use and keeps few of them."""
    return create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=8, connect_args={"connect_timeout": 10})


def create_tables(engine: Engine) -> None:
    """Create the ledger's tables, or upgrade those of an older program. Raises NewerLedger."""
    with begin(engine) as db:
        upgrade(db)


@contextmanager
def begin(engine: Engine) -> Iterator[Connection]:
    """A transaction on the ledger. Raises LedgerUnavailable when the database doesn't answer."""
    try:
        with engine.begin() as db:
            yield db
    except OperationalError as error:
        raise _unavailable(engine) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise _unavailable(engine) from error
        raise


def _unavailable(engine: Engine) -> LedgerUnavailable:
    where = f"{engine.url.host or 'a local socket'}:{engine.url.port}/{engine.url.database}"
    return LedgerUnavailable(f"the ledger's database at {where} doesn't answer; see that PostgreSQL runs, then repeat")


def lock_traffic(db: Connection, use_case: str) -> None:
    """Until the transaction ends, nobody else activates a release of the use case or shares out its traffic."""
    query = text("select pg_advisory_xact_lock(hashtext(:name))")
    db.execute(query, {"name": f"evergreen/{use_case}/traffic"})


@contextmanager
def only_one(engine: Engine, use_case: str, what: str) -> Iterator[None]:
    """Let one process at a time do `what` for a use case; the lock falls with the process. Raises Busy."""
    with begin(engine) as db:
        query = text("select pg_try_advisory_lock(hashtext(:name))")
        if not db.execute(query, {"name": f"evergreen/{use_case}/{what}"}).scalar_one():
            raise Busy(f"{use_case}: another process is at its {what}; wait for it to end, then repeat")
        try:
            yield
        finally:
            db.execute(text("select pg_advisory_unlock(hashtext(:name))"), {"name": f"evergreen/{use_case}/{what}"})
