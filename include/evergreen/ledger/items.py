"""What is to be done: open items and their leases. Assets wake, the ledger decides (design, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from evergreen.ledger import tables as t

Kind = str
"""The stage that does it (see `loop/flow.py`)."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be done for a use case: `subject` says on what, `as_of` is its data time."""

    id: int
    use_case: str
    kind: Kind
    subject: str
    as_of: datetime
    payload: dict[str, Any]
    closed_at: datetime | None = None
    """When it was closed, in real time; None while it is open."""


def add_item(db: Connection, use_case: str, kind: Kind, subject: str, as_of: datetime, payload: dict[str, Any]) -> bool:
    """Open an item once; False when this subject was there already, open or closed."""
    statement = insert(t.items).values(use_case=use_case, kind=kind, subject=subject, as_of=as_of, payload=payload)
    return bool(db.execute(statement.on_conflict_do_nothing().returning(t.items.c.id)).first())


def claim_item(
    db: Connection,
    use_case: str,
    kind: Kind,
    run_id: str,
    *,
    lease: timedelta,
    newest: bool,
    subject: str | None = None,
) -> Item | None:
    """Lease the oldest open item (or the one of `subject`), or with `newest` the newest and close older as superseded.

    An item that a run has failed on comes after those that none has, so that it can't keep the others from their turn.
    Re-entrant: a run that holds a lease gets the same item again. None: nothing is open, or another run is at it.
    """
    c = t.items.c
    mine = and_(c.use_case == use_case, c.kind == kind, c.state == "open")
    if subject is not None:
        mine = and_(mine, c.subject == subject)
    order = (c.as_of.desc(), c.id.desc()) if newest else (c.outcome.is_not(None), c.as_of, c.id)
    own = db.execute(select(t.items).where(mine, c.lease_owner == run_id).order_by(*order).limit(1)).first()
    free = or_(c.lease_until.is_(None), c.lease_until < func.now())
    row = (
        own
        or db.execute(
            select(t.items).where(mine, free).order_by(*order).limit(1).with_for_update(skip_locked=True)
        ).first()
    )
    if row is None:
        return None
    db.execute(update(t.items).where(c.id == row.id).values(lease_owner=run_id, lease_until=func.now() + lease))
    if newest:
        older = and_(mine, free, c.id != row.id, or_(c.as_of < row.as_of, and_(c.as_of == row.as_of, c.id < row.id)))
        db.execute(
            update(t.items).where(older).values(state="superseded", outcome=f"by {row.subject}", closed_at=func.now())
        )
    return Item(row.id, row.use_case, row.kind, row.subject, row.as_of, row.payload)


def close_item(db: Connection, item_id: int, run_id: str, outcome: str) -> None:
    """Close an item that the run holds; closing again is a no-op."""
    c = t.items.c
    db.execute(
        update(t.items)
        .where(c.id == item_id, c.state == "open", c.lease_owner == run_id)
        .values(state="done", outcome=outcome, closed_at=func.now())
    )


def keep_item(db: Connection, item_id: int, run_id: str, lease: timedelta) -> bool:
    """Hold an open item from now on for `lease`; False when it is closed or another run is at it."""
    c = t.items.c
    free = or_(c.lease_owner == run_id, c.lease_until.is_(None), c.lease_until < func.now())
    where = and_(c.id == item_id, c.state == "open", free)
    return bool(
        db.execute(update(t.items).where(where).values(lease_owner=run_id, lease_until=func.now() + lease)).rowcount
    )


def return_leases(db: Connection, use_case: str, run_id: str) -> int:
    """Give back what a run that failed for good had claimed, with a note that it failed on it; how many."""
    c = t.items.c
    where = and_(c.use_case == use_case, c.lease_owner == run_id, c.state == "open")
    given_back = {"lease_owner": None, "lease_until": None, "outcome": f"{run_id} failed"}
    return int(db.execute(update(t.items).where(where).values(given_back)).rowcount)


def close_open_items(db: Connection, use_case: str, kinds: tuple[Kind, ...], outcome: str) -> int:
    """Close every open item of these kinds, leased or not; their number."""
    c = t.items.c
    where = and_(c.use_case == use_case, c.kind.in_(kinds), c.state == "open")
    done = db.execute(update(t.items).where(where).values(state="closed", outcome=outcome, closed_at=func.now()))
    return int(done.rowcount)


def open_items(db: Connection, use_case: str | None = None) -> list[Item]:
    """All open items, oldest first."""
    c = t.items.c
    query = select(t.items).where(c.state == "open").order_by(c.as_of, c.id)
    if use_case is not None:
        query = query.where(c.use_case == use_case)
    return [Item(r.id, r.use_case, r.kind, r.subject, r.as_of, r.payload) for r in db.execute(query)]


def newest_item(db: Connection, use_case: str, kind: Kind) -> Item | None:
    """The item of the newest data time, open or closed."""
    return _newest(db, t.items.c.use_case == use_case, t.items.c.kind == kind)


def newest_done(db: Connection, use_case: str, kind: Kind) -> Item | None:
    """The newest item that was done, not only superseded or closed."""
    return _newest(db, t.items.c.use_case == use_case, t.items.c.kind == kind, t.items.c.state == "done")


def done_since(db: Connection, use_case: str, kind: Kind, subject: str) -> bool:
    """Whether one was done since that of `subject` was opened; also where there never was such a one."""
    c = t.items.c
    mine = and_(c.use_case == use_case, c.kind == kind)
    opened = db.execute(select(c.created_at).where(mine, c.subject == subject)).scalar()
    if opened is None:
        return True
    done = select(c.id).where(mine, c.state == "done", c.closed_at >= opened).limit(1)
    return db.execute(done).first() is not None


def _newest(db: Connection, *where: ColumnElement[bool]) -> Item | None:
    c = t.items.c
    r = db.execute(select(t.items).where(*where).order_by(c.as_of.desc(), c.id.desc()).limit(1)).first()
    return Item(r.id, r.use_case, r.kind, r.subject, r.as_of, r.payload, r.closed_at) if r is not None else None
