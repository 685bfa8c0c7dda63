"""Runs and their steps: who asked for what, how far it is, how it ended, what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert

from evergreen.ledger import tables as t

RunState = Literal["running", "waiting", "done", "skipped", "failed"]
"""`waiting`: for a person's answer. `skipped`: there was nothing to do."""
StepState = Literal["running", "done", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class RunKey:
    """Names a run. Runs of different kinds may have one id: `evergreen run` gives all of its parts the same."""

    use_case: str
    kind: str
    run_id: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the ledger knows it. `spec` is the fingerprint of the use case that it began with."""

    key: RunKey
    subject: str | None
    item: int | None
    spec: str | None
    asked_by: str
    door: str
    params: dict[str, Any]
    state: RunState
    said: str | None
    data_time: datetime | None
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a run, or one part of a mapped step. Costs are of all its attempts, in seconds."""

    step: str
    part: str
    attempts: int
    state: StepState
    said: str | None
    wall_seconds: float
    cpu_seconds: float
    began_at: datetime
    ended_at: datetime | None


def begin_run(
    db: Connection,
    key: RunKey,
    *,
    asked_by: str,
    door: str,
    params: Mapping[str, Any],
    data_time: datetime | None = None,
    spec: tuple[str, Mapping[str, Any]] | None = None,
) -> None:
    """Note that a run begins, or begins again, with a use case: its fingerprint and its parsed body."""
    if spec is not None:
        values = {"use_case": key.use_case, "fingerprint": spec[0], "body": dict(spec[1])}
        db.execute(insert(t.specs).values(values).on_conflict_do_nothing())
    told = {
        "asked_by": asked_by,
        "door": door,
        "params": dict(params),
        "data_time": data_time,
        "spec": spec[0] if spec is not None else None,
        "state": "running",
        "said": None,
        "ended_at": None,
    }
    new = insert(t.runs).values(**_key(key), **told)
    again = {name: told[name] for name in ("data_time", "spec", "state", "said", "ended_at")}
    db.execute(new.on_conflict_do_update(index_elements=("use_case", "kind", "run_id"), set_=again))


def note_claim(db: Connection, key: RunKey, *, item: int, subject: str, data_time: datetime) -> None:
    """Note what a run is at, once it has claimed it."""
    values = {"item": item, "subject": subject, "data_time": data_time}
    db.execute(update(t.runs).filter_by(**_key(key)).values(values))


def note_subject(db: Connection, key: RunKey, subject: str, data_time: datetime | None = None) -> None:
    """Note what a run made or changed."""
    values = {"subject": subject, **({"data_time": data_time} if data_time is not None else {})}
    db.execute(update(t.runs).filter_by(**_key(key)).values(values))


def note_state(db: Connection, key: RunKey, state: RunState, said: str | None = None) -> None:
    """Note where a run stands; `said` is its last word, or its error."""
    ended = func.now() if state in ("done", "skipped", "failed") else None
    db.execute(update(t.runs).filter_by(**_key(key)).values(state=state, said=said, ended_at=ended))


def fail_runs(db: Connection, use_case: str, run_id: str) -> None:
    """Note that the runs of this id are not going on: a process that was killed could not do so itself."""
    c = t.runs.c
    mine = and_(c.use_case == use_case, c.run_id == run_id, c.state == "running")
    db.execute(update(t.runs).where(mine).values(state="failed", said="broke off", ended_at=func.now()))


def begin_step(db: Connection, key: RunKey, step: str, part: str) -> None:
    """Note that a step begins; another attempt is counted."""
    c = t.run_steps.c
    now = {"state": "running", "began_at": func.now(), "ended_at": None, "said": None, "result": None}
    new = insert(t.run_steps).values(
        **_key(key), step=step, part=part, attempts=1, state="running", wall_seconds=0.0, cpu_seconds=0.0
    )
    again = {**now, "attempts": c.attempts + 1}
    db.execute(new.on_conflict_do_update(index_elements=list(t.run_steps.primary_key), set_=again))


def end_step(
    db: Connection,
    key: RunKey,
    step: str,
    part: str,
    state: StepState,
    *,
    wall: float,
    cpu: float,
    said: str | None = None,
    result: Any = None,
) -> None:
    """Note how a step ended. What this attempt cost is added to what earlier ones did."""
    c = t.run_steps.c
    spent = {"wall_seconds": c.wall_seconds + wall, "cpu_seconds": c.cpu_seconds + cpu}
    ended = {"state": state, "said": said, "result": result, "ended_at": func.now(), **spent}
    db.execute(update(t.run_steps).filter_by(**_key(key), step=step, part=part).values(ended))


def get_run(db: Connection, key: RunKey) -> RunRow | None:
    """A run; None: there is none by this key."""
    row = db.execute(select(t.runs).filter_by(**_key(key))).first()
    return _run(row) if row is not None else None


def spec_of(db: Connection, use_case: str, fingerprint: str) -> dict[str, Any]:
    """The parsed use case that goes by this fingerprint."""
    c = t.specs.c
    where = and_(c.use_case == use_case, c.fingerprint == fingerprint)
    return dict(db.execute(select(c.body).where(where)).scalar_one())


def newest_runs(db: Connection, use_case: str, most: int, *, but: tuple[RunState, ...] = ()) -> list[RunRow]:
    """The newest runs of a use case, newest first, without those in the states of `but`."""
    c = t.runs.c
    query = select(t.runs).where(c.use_case == use_case, c.state.not_in(but))
    return [_run(row) for row in db.execute(query.order_by(c.began_at.desc(), c.kind, c.run_id).limit(most))]


def runs_by_id(db: Connection, use_case: str, run_id: str) -> list[RunRow]:
    """The runs that go by an id, in the order they began."""
    c = t.runs.c
    query = select(t.runs).where(c.use_case == use_case, c.run_id == run_id).order_by(c.began_at, c.kind)
    return [_run(row) for row in db.execute(query)]


def steps_of(db: Connection, key: RunKey) -> list[StepRow]:
    """A run's steps in the order they began, the parts of a mapped one by name."""
    c = t.run_steps.c
    query = select(t.run_steps).filter_by(**_key(key)).order_by(c.began_at, c.step, c.part)
    return [
        StepRow(r.step, r.part, r.attempts, r.state, r.said, r.wall_seconds, r.cpu_seconds, r.began_at, r.ended_at)
        for r in db.execute(query)
    ]


def asked_by(db: Connection, use_case: str, run_id: str) -> str | None:
    """Who asked for the run of this id; None: it was made before runs were noted.

    What a run notes elsewhere may carry more than its id: `<id>/<item>`, `<id>-data`, `<id>-adopt`.
    """
    c = t.runs.c
    bare = run_id.rpartition("/")[0] or run_id.removesuffix("-data").removesuffix("-adopt")
    mine = and_(c.use_case == use_case, c.run_id.in_((run_id, bare)))
    found: str | None = db.execute(select(c.asked_by).where(mine).order_by(c.began_at).limit(1)).scalar()
    return found


def held_by(db: Connection, use_case: str, what: str) -> str | None:
    """Who asked for what placed the hold that counts; None: nothing is held, or nobody was noted."""
    c = t.holds.c
    where = and_(c.use_case == use_case, c.what == what)
    row = db.execute(select(c.held, c.run_id).where(where).order_by(c.id.desc()).limit(1)).first()
    return asked_by(db, use_case, row.run_id) if row is not None and row.held else None


def answered(db: Connection, use_case: str, model_version: int) -> None:
    """End the run that waited for a person's answer about a model."""
    r, s = t.runs.c, t.run_steps.c
    judged = select(s.run_id).where(
        s.use_case == use_case,
        s.kind == r.kind,
        s.step == "gate",
        s.result["model_version"].as_integer() == model_version,
    )
    waiting = and_(r.use_case == use_case, r.state == "waiting", r.run_id.in_(judged))
    db.execute(update(t.runs).where(waiting).values(state="done", ended_at=func.now()))


def _key(key: RunKey) -> dict[str, str]:
    return {"use_case": key.use_case, "kind": key.kind, "run_id": key.run_id}


def _run(r: Row[Any]) -> RunRow:
    return RunRow(
        RunKey(r.use_case, r.kind, r.run_id),
        r.subject,
        r.item,
        r.spec,
        r.asked_by,
        r.door,
        dict(r.params),
        r.state,
        r.said,
        r.data_time,
        r.began_at,
        r.ended_at,
    )
