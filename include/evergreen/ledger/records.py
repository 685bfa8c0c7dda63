"""What happened: publishes, measurements, retrain decisions, gates, rollout steps, holds and exclusions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert

from evergreen.artifacts import DatasetVersion, GateDecision, RetrainDecision
from evergreen.ledger import tables as t
from evergreen.ledger.open import lock_traffic


def record_publish(db: Connection, version: DatasetVersion) -> bool:
    """Note a published version; False when it was noted already."""
    statement = insert(t.publishes).values(
        use_case=version.use_case,
        number=version.number,
        data_time=version.data_time,
        body=version.model_dump(mode="json"),
    )
    return bool(db.execute(statement.on_conflict_do_nothing().returning(t.publishes.c.number)).first())


def published(db: Connection, use_case: str) -> set[int]:
    """The numbers of all versions that have been noted."""
    c = t.publishes.c
    return set(db.execute(select(c.number).where(c.use_case == use_case)).scalars())


def record_copy(db: Connection, version: DatasetVersion) -> None:
    """Note that a version has its second copy."""
    statement = insert(t.copies).values(use_case=version.use_case, number=version.number)
    db.execute(statement.on_conflict_do_nothing())


def copied(db: Connection, use_case: str) -> set[int]:
    """The numbers of all versions that have their second copy."""
    c = t.copies.c
    return set(db.execute(select(c.number).where(c.use_case == use_case)).scalars())


def newest_data_time(db: Connection, use_case: str) -> datetime | None:
    """Data time of the newest version that has been noted; None before the first."""
    c = t.publishes.c
    query = select(c.data_time).where(c.use_case == use_case).order_by(c.number.desc()).limit(1)
    moment: datetime | None = db.execute(query).scalar()
    return moment


def record_measurement(
    db: Connection,
    use_case: str,
    version: DatasetVersion,
    release: int,
    body: Mapping[str, Any],
    *,
    violation: bool | None,
) -> None:
    """Keep what was measured on a version for a release, once."""
    statement = insert(t.measurements).values(
        use_case=use_case,
        dataset_version=version.number,
        release=release,
        data_time=version.data_time,
        violation=violation,
        body=dict(body),
    )
    db.execute(statement.on_conflict_do_nothing())


def measurements(db: Connection, use_case: str, release: int) -> list[dict[str, Any]]:
    """What was measured for a release, oldest first."""
    c = t.measurements.c
    query = select(c.body).where(c.use_case == use_case, c.release == release).order_by(c.data_time, c.dataset_version)
    return list(db.execute(query).scalars())


def record_decision(db: Connection, decision: RetrainDecision, key: str) -> RetrainDecision:
    """Keep a retrain decision once a key; the one that was kept."""
    c = t.decisions.c
    statement = insert(t.decisions).values(
        use_case=decision.use_case,
        key=key,
        dataset_version=decision.dataset_version,
        data_time=decision.data_time,
        retrain=decision.retrain,
        body=decision.model_dump(mode="json"),
    )
    db.execute(statement.on_conflict_do_nothing())
    body = db.execute(select(c.body).where(c.use_case == decision.use_case, c.key == key)).scalar_one()
    return RetrainDecision.model_validate(body)


def decisions(db: Connection, use_case: str) -> list[RetrainDecision]:
    """Every retrain decision, oldest first."""
    c = t.decisions.c
    query = select(c.body).where(c.use_case == use_case).order_by(c.created_at)
    return [RetrainDecision.model_validate(body) for body in db.execute(query).scalars()]


def record_gate(db: Connection, gate: GateDecision, data_time: datetime) -> GateDecision:
    """Keep a gate decision once a model version; the one that was kept."""
    c = t.gates.c
    start, end = gate.window or (None, None)
    statement = insert(t.gates).values(
        use_case=gate.use_case,
        model_version=gate.model_version,
        verdict=gate.verdict,
        window_start=start,
        window_end=end,
        data_time=data_time,
        body=gate.model_dump(mode="json"),
    )
    db.execute(statement.on_conflict_do_nothing())
    where = and_(c.use_case == gate.use_case, c.model_version == gate.model_version)
    return GateDecision.model_validate(db.execute(select(c.body).where(where)).scalar_one())


def gate_of(db: Connection, use_case: str, model_version: int) -> GateDecision | None:
    """The gate decision about a model version."""
    c = t.gates.c
    body = db.execute(select(c.body).where(c.use_case == use_case, c.model_version == model_version)).scalar()
    return GateDecision.model_validate(body) if body is not None else None


def gates(db: Connection, use_case: str) -> list[tuple[datetime, GateDecision]]:
    """Every gate decision with its data time, oldest first."""
    c = t.gates.c
    query = select(c.data_time, c.body).where(c.use_case == use_case).order_by(c.created_at)
    return [(row.data_time, GateDecision.model_validate(row.body)) for row in db.execute(query)]


def window_uses(db: Connection, use_case: str, start: datetime | None, end: datetime | None, but: int) -> int:
    """How many challengers other than `but` were judged on a window that overlaps [start, end]; without time, all."""
    c = t.gates.c
    query = select(func.count()).where(c.use_case == use_case, c.model_version != but)
    if start is not None and end is not None:
        query = query.where(c.window_start < end, c.window_end > start)
    return int(db.execute(query).scalar_one())


def note_answer(db: Connection, use_case: str, model_version: int, *, approved: bool) -> bool:
    """Note a person's answer to a gate, once; the one that was kept."""
    c = t.gates.c
    where = and_(c.use_case == use_case, c.model_version == model_version)
    db.execute(update(t.gates).where(where, c.approved.is_(None)).values(approved=approved))
    return bool(db.execute(select(c.approved).where(where)).scalar_one())


def record_rollout_step(
    db: Connection, use_case: str, run_id: str, release: int, percent: int, state: str, body: Mapping[str, Any]
) -> None:
    """Append a step of a rollout: `running`, `completed` or `aborted`."""
    db.execute(
        insert(t.rollouts).values(
            use_case=use_case, run_id=run_id, release=release, percent=percent, state=state, body=dict(body)
        )
    )


def running_rollout(db: Connection, use_case: str) -> tuple[int, int] | None:
    """(release, percent) of a rollout that is on its way; None when the last one is settled."""
    c = t.rollouts.c
    row = db.execute(select(t.rollouts).where(c.use_case == use_case).order_by(c.id.desc()).limit(1)).first()
    return (row.release, row.percent) if row is not None and row.state == "running" else None


def rollout_of_another(db: Connection, use_case: str, run_id: str) -> tuple[str, int] | None:
    """(run id, release) of a rollout that another run has on its way; one whose run is no more is taken back first.

    Until the transaction ends, nobody else begins one.
    """
    abort_lost_rollout(db, use_case)
    c = t.rollouts.c
    last = db.execute(select(t.rollouts).where(c.use_case == use_case).order_by(c.id.desc()).limit(1)).first()
    if last is None or last.state != "running" or last.run_id == run_id:
        return None
    return last.run_id, last.release


def abort_lost_rollout(db: Connection, use_case: str) -> None:
    """Take back what a rollout has of the traffic whose run is no more: no run by its id is at a deployment."""
    lock_traffic(db, use_case)
    c, i = t.rollouts.c, t.items.c
    last = db.execute(select(t.rollouts).where(c.use_case == use_case).order_by(c.id.desc()).limit(1)).first()
    if last is None or last.state != "running":
        return
    leased = and_(i.lease_owner == last.run_id, i.lease_until > func.now())
    alive = select(i.id).where(i.use_case == use_case, i.kind == "deploy", i.state == "open", leased)
    if db.execute(alive).first() is None:
        why = {"reasons": [f"{last.run_id} ended before its rollout did"]}
        record_rollout_step(db, use_case, last.run_id, last.release, 0, "aborted", why)


def set_hold(db: Connection, use_case: str, what: Collection[str], reason: str, run_id: str, *, held: bool) -> None:
    """Place or end a hold on `ingest`, `retrain` or `deploy`; re-entrant by run id."""
    for name in what:
        if (hold_on(db, use_case, name) is not None) != held:
            statement = insert(t.holds).values(use_case=use_case, what=name, held=held, reason=reason, run_id=run_id)
            db.execute(statement.on_conflict_do_nothing())


def hold_on(db: Connection, use_case: str, what: str) -> str | None:
    """Why `what` is held; None when it isn't."""
    c = t.holds.c
    where = and_(c.use_case == use_case, c.what == what)
    row = db.execute(select(c.held, c.reason).where(where).order_by(c.id.desc()).limit(1)).first()
    return row.reason if row is not None and row.held else None


def exclude_rows(
    db: Connection, use_case: str, source: str, batch: str, rows: Collection[tuple[str, str]], reason: str
) -> None:
    """Keep exactly these (key, hash) of a source out from now on."""
    values = [
        {"use_case": use_case, "source": source, "batch": batch, "key": key, "hash": digest, "reason": reason}
        for key, digest in rows
    ]
    if values:
        db.execute(insert(t.exclusions).on_conflict_do_nothing(), values)


def excluded_rows(db: Connection, use_case: str, source: str) -> set[tuple[str, str]]:
    """The (key, hash) of a source that a person has excluded."""
    c = t.exclusions.c
    rows = db.execute(select(c.key, c.hash).where(c.use_case == use_case, c.source == source))
    return {(row.key, row.hash) for row in rows}


def excluded_batches(db: Connection, use_case: str) -> tuple[str, ...]:
    """The batches whose rows are excluded."""
    c = t.exclusions.c
    return tuple(sorted(db.execute(select(c.batch).where(c.use_case == use_case).distinct()).scalars()))


def last_failure(db: Connection, use_case: str, kind: str) -> datetime | None:
    """Data time of the newest item of this kind that a run has failed on and none has done since."""
    c = t.items.c
    where = and_(c.use_case == use_case, c.kind == kind, c.state == "open", c.outcome.is_not(None))
    moment: datetime | None = db.execute(select(func.max(c.as_of)).where(where)).scalar()
    return moment
