"""Alerts: what a person should look at. Append-only; a key is told once, whoever meets it again.

What is to be posted stands beside them, written in the same transaction: who dies or is not heard has it still to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert

from evergreen.ledger import tables as t

AlertKind = Literal["late", "held", "copy"]
"""`late`: predictions are not there in time. `held`: something was skipped because of a hold. `copy`: a version has no
second copy yet."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `text` says what is wrong and the next step; `key` is unique within use case and kind."""

    use_case: str
    kind: AlertKind
    key: str
    text: str
    data_time: datetime


def record_alert(db: Connection, alert: Alert) -> bool:
    """Keep an alert; False when its key was told already."""
    statement = insert(t.alerts).values(
        use_case=alert.use_case, kind=alert.kind, key=alert.key, text=alert.text, data_time=alert.data_time
    )
    return bool(db.execute(statement.on_conflict_do_nothing().returning(t.alerts.c.key)).first())


def queue_post(db: Connection, alert: Alert) -> None:
    """Note that the alert is to be posted."""
    db.execute(insert(t.alert_posts).values(_key(alert)).on_conflict_do_nothing())


def waiting_posts(db: Connection, use_case: str, since: timedelta) -> list[Alert]:
    """The alerts of a use case that were to be posted in the last `since` of real time and are not, oldest first."""
    c, p = t.alerts.c, t.alert_posts.c
    same = and_(p.use_case == c.use_case, p.kind == c.kind, p.key == c.key)
    where = and_(c.use_case == use_case, p.delivered_at.is_(None), p.created_at > func.now() - since)
    rows = db.execute(select(t.alerts).join(t.alert_posts, same).where(where).order_by(p.created_at, c.kind, c.key))
    return [Alert(r.use_case, r.kind, r.key, r.text, r.data_time) for r in rows]


def take_post(db: Connection, alert: Alert) -> bool:
    """Keep the alert's post from others until the transaction ends; False when it is done or another is at it."""
    c = t.alert_posts.c
    mine = select(c.key).filter_by(**_key(alert)).where(c.delivered_at.is_(None)).with_for_update(skip_locked=True)
    return db.execute(mine).first() is not None


def note_delivered(db: Connection, alert: Alert) -> None:
    """The alert has been posted, and need not be again."""
    db.execute(update(t.alert_posts).filter_by(**_key(alert)).values(delivered_at=func.now()))


def _key(alert: Alert) -> dict[str, str]:
    return {"use_case": alert.use_case, "kind": alert.kind, "key": alert.key}


def newest_alerts(db: Connection, use_case: str, most: int) -> list[Alert]:
    """The newest alerts of a use case, newest first."""
    c = t.alerts.c
    rows = db.execute(select(t.alerts).where(c.use_case == use_case).order_by(*_newest()).limit(most))
    return [Alert(r.use_case, r.kind, r.key, r.text, r.data_time) for r in rows]


def standing_alerts(db: Connection, use_case: str, most: int) -> list[Alert]:
    """The newest alerts that no later night has made old: one is old once data of a later time were scored."""
    c, i = t.alerts.c, t.items.c
    scored = select(func.max(i.as_of)).where(i.use_case == use_case, i.kind == "score", i.state == "done")
    later = func.coalesce(c.data_time >= scored.scalar_subquery(), True)
    rows = db.execute(select(t.alerts).where(c.use_case == use_case, later).order_by(*_newest()).limit(most))
    return [Alert(r.use_case, r.kind, r.key, r.text, r.data_time) for r in rows]


def _newest() -> tuple[ColumnElement[Any], ...]:
    c = t.alerts.c
    return c.data_time.desc(), c.created_at.desc(), c.kind.asc(), c.key.asc()
