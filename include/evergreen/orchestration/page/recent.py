"""The newest rows of the ledger about one use case: one transaction, a fixed number of rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, and_, func, select

from evergreen.artifacts import GateDecision, Reason, RetrainDecision
from evergreen.ledger import tables as t
from evergreen.ledger.alerts import standing_alerts
from evergreen.ledger.records import hold_on, running_rollout
from evergreen.ledger.releases import get_release
from evergreen.ledger.runs import RunRow, StepRow, asked_by, held_by, newest_runs, steps_of
from evergreen.loop.rollback import HOLDS
from evergreen.orchestration.page.cards import (
    Activated,
    Active,
    Decision,
    Gate,
    Hold,
    Look,
    Progress,
    Rollout,
    Said,
    Told,
    Waiting,
    short,
)

ACTIVATIONS = 6
ITEMS = 10
ALERTS = 3
RUNS = 8


def recent(db: Connection, name: str) -> dict[str, Any]:
    """The fields of the use case's card that the ledger knows, by name."""
    log = _activations(db, name)
    return {
        "activations": log,
        "active": _active(db, name, log[0]) if log else None,
        "rollout": _rollout(db, name),
        "look": _look(db, name),
        "decision": _decision(db, name),
        "gate": _gate(db, name),
        "holds": _holds(db, name),
        "alerts": _alerts(db, name),
        "runs": _runs(db, name),
        **_waiting(db, name),
    }


def _activations(db: Connection, name: str) -> tuple[Activated, ...]:
    c = t.activations.c
    rows = db.execute(select(t.activations).where(c.use_case == name).order_by(c.n.desc()).limit(ACTIVATIONS))
    return tuple(
        Activated(
            n=r.n,
            release=r.release,
            why=short(r.why),
            by=asked_by(db, name, r.run_id),
            data_time=r.data_time,
            at=r.created_at,
        )
        for r in rows
    )


def _active(db: Connection, name: str, last: Activated) -> Active | None:
    release = get_release(db, name, last.release)
    if release is None:
        return None
    return Active(
        release=release.number,
        model=release.model.version,
        candidate=release.model.candidate,
        dataset_version=release.dataset_version,
        since=last.data_time,
        activated=last.at,
        why=last.why,
    )


def _rollout(db: Connection, name: str) -> Rollout | None:
    running = running_rollout(db, name)
    return Rollout(release=running[0], percent=running[1]) if running is not None else None


def _newest(db: Connection, table: Table, name: str) -> Any:
    order = (table.c.created_at.desc(), table.c.data_time.desc())
    return db.execute(select(table).where(table.c.use_case == name).order_by(*order).limit(1)).first()


def _look(db: Connection, name: str) -> Look | None:
    row = _newest(db, t.measurements, name)
    if row is None:
        return None
    reasons = tuple(Reason.model_validate(reason) for reason in row.body.get("reasons", ()))
    return Look(
        dataset_version=row.dataset_version,
        data_time=row.data_time,
        violation=row.violation,
        reasons=Said.of(reasons),
    )


def _decision(db: Connection, name: str) -> Decision | None:
    row = _newest(db, t.decisions, name)
    if row is None:
        return None
    decision = RetrainDecision.model_validate(row.body)
    return Decision(
        retrain=decision.retrain,
        dataset_version=decision.dataset_version,
        data_time=decision.data_time,
        answer=short(decision.why),
        reasons=Said.of(tuple(reason for reason in decision.reasons if reason.check != "decision")),
    )


def _gate(db: Connection, name: str) -> Gate | None:
    row = _newest(db, t.gates, name)
    if row is None:
        return None
    gate = GateDecision.model_validate(row.body)
    return Gate(
        verdict=gate.verdict,
        model=gate.model_version,
        against=gate.against,
        data_time=row.data_time,
        approved=row.approved,
        reasons=Said.of(gate.reasons),
    )


def _runs(db: Connection, name: str) -> tuple[Progress, ...]:
    return tuple(_progress(run, steps_of(db, run.key)) for run in newest_runs(db, name, RUNS, but=("skipped",)))


def _progress(run: RunRow, steps: list[StepRow]) -> Progress:
    return Progress(
        kind=run.key.kind,
        run_id=short(run.key.run_id, 80),
        subject=run.subject,
        state=run.state,
        asked_by=short(run.asked_by, 80),
        began=run.began_at,
        seconds=sum(step.wall_seconds for step in steps),
        step=steps[-1].step if steps else None,
        steps=len({step.step for step in steps}),
        text=short(run.said) if run.said is not None else None,
    )


def _waiting(db: Connection, name: str) -> dict[str, Any]:
    c = t.items.c
    open_ones = and_(c.use_case == name, c.state == "open")
    leased = (c.lease_until > func.now()).label("leased")
    rows = db.execute(select(t.items, leased).where(open_ones).order_by(c.as_of, c.id).limit(ITEMS))
    found = tuple(Waiting(kind=r.kind, subject=r.subject, as_of=r.as_of, at_work=bool(r.leased)) for r in rows)
    total = db.execute(select(func.count()).where(open_ones)).scalar_one()
    return {"waiting": found, "waiting_more": total - len(found)}


def _holds(db: Connection, name: str) -> tuple[Hold, ...]:
    reasons = {what: hold_on(db, name, what) for what in HOLDS}
    command = f"evergreen resume {name}"
    return tuple(
        Hold(what=what, reason=short(reason), by=held_by(db, name, what), command=command)
        for what, reason in reasons.items()
        if reason is not None
    )


def _alerts(db: Connection, name: str) -> tuple[Told, ...]:
    found = standing_alerts(db, name, ALERTS)
    return tuple(Told(kind=alert.kind, text=short(alert.text), data_time=alert.data_time) for alert in found)
