"""What runs cost, added up from their steps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, select

from evergreen.ledger import tables as t

_ENDED = ("done", "failed", "skipped")


def cost_since(db: Connection, use_case: str, kind: str, since: datetime, until: datetime) -> timedelta:
    """Wall time of the runs of a kind with a data time in (since, until], also of those that broke off."""
    r = t.runs.c
    within = and_(r.use_case == use_case, r.kind == kind, r.data_time > since, r.data_time <= until)
    return _wall(db, use_case, kind, db.execute(select(r.run_id).where(within)).scalars())


def last_cost(db: Connection, use_case: str, kind: str, last_step: str) -> timedelta | None:
    """Wall time of the newest run that came to its `last_step`; None: none has.

    Earlier runs at the same item count: they did a part of its work.
    """
    r, s = t.runs.c, t.run_steps.c
    whole = select(s.run_id).where(s.use_case == use_case, s.kind == kind, s.step == last_step, s.state == "done")
    mine = and_(r.use_case == use_case, r.kind == kind)
    query = select(r.run_id, r.item).where(mine, r.run_id.in_(whole)).order_by(r.began_at.desc()).limit(1)
    newest = db.execute(query).first()
    if newest is None:
        return None
    if newest.item is None:
        return _wall(db, use_case, kind, [newest.run_id])
    return _wall(db, use_case, kind, db.execute(select(r.run_id).where(mine, r.item == newest.item)).scalars())


def last_cost_time(db: Connection, use_case: str, kind: str, step: str) -> datetime | None:
    """Data time of the newest run of a kind in which this step came to an end, well or not."""
    r, s = t.runs.c, t.run_steps.c
    came = select(s.run_id).where(s.use_case == use_case, s.kind == kind, s.step == step, s.state.in_(_ENDED))
    query = select(func.max(r.data_time)).where(r.use_case == use_case, r.kind == kind, r.run_id.in_(came))
    moment: datetime | None = db.execute(query).scalar()
    return moment


def _wall(db: Connection, use_case: str, kind: str, run_ids: Iterable[str]) -> timedelta:
    """The seconds of all steps of these runs; of parts side by side those of the longest."""
    s = t.run_steps.c
    mine = and_(s.use_case == use_case, s.kind == kind, s.run_id.in_(list(run_ids)))
    query = select(func.max(s.wall_seconds)).where(mine).group_by(s.run_id, s.step)
    return timedelta(seconds=sum(db.execute(query).scalars()))
