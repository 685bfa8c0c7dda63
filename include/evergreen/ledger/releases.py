"""Releases and the append-only activation log: what is active is one fact (design, promise 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from evergreen.artifacts import BentoRef, ModelVersion, Release
from evergreen.ledger import tables as t
from evergreen.ledger.errors import ActivationMoved
from evergreen.ledger.open import lock_traffic


@dataclass(frozen=True, slots=True)
class Activation:
    """A row of the activation log."""

    use_case: str
    n: int
    release: int
    why: str
    run_id: str
    data_time: datetime


def add_release(db: Connection, use_case: str, model: ModelVersion, bento: BentoRef) -> Release:
    """Record a release once per model version and bento; called again it returns the one that exists.

    A model that was packaged anew is another release: its bento was lost, or code or libraries are newer.
    """
    found = _by_bento(db, use_case, model.version, bento.sha256)
    if found is not None:
        return found
    last = db.execute(select(func.max(t.releases.c.number)).where(t.releases.c.use_case == use_case)).scalar()
    release = Release(
        use_case=use_case, number=(last or 0) + 1, dataset_version=model.dataset_version, model=model, bento=bento
    )
    db.execute(
        insert(t.releases)
        .values(
            use_case=use_case,
            number=release.number,
            model_version=model.version,
            body=release.model_dump(mode="json"),
        )
        .on_conflict_do_nothing()
    )
    return _by_bento(db, use_case, model.version, bento.sha256) or add_release(db, use_case, model, bento)


def _by_bento(db: Connection, use_case: str, model_version: int, sha256: str) -> Release | None:
    c = t.releases.c
    same = (c.model_version == model_version, c.body["bento"]["sha256"].astext == sha256)
    body = db.execute(select(c.body).where(c.use_case == use_case, *same)).scalar()
    return Release.model_validate(body) if body is not None else None


def get_release(db: Connection, use_case: str, number: int) -> Release | None:
    """A release by its number."""
    c = t.releases.c
    body = db.execute(select(c.body).where(c.use_case == use_case, c.number == number)).scalar()
    return Release.model_validate(body) if body is not None else None


def all_releases(db: Connection, use_case: str) -> list[Release]:
    """Every release of a use case, oldest first."""
    c = t.releases.c
    query = select(c.body).where(c.use_case == use_case).order_by(c.number)
    return [Release.model_validate(body) for body in db.execute(query).scalars()]


def activation_log(db: Connection, use_case: str) -> list[Activation]:
    """The activation log of a use case, oldest first."""
    c = t.activations.c
    rows = db.execute(select(t.activations).where(c.use_case == use_case).order_by(c.n))
    return [Activation(r.use_case, r.n, r.release, r.why, r.run_id, r.data_time) for r in rows]


def last_activation(db: Connection, use_case: str) -> Activation | None:
    """The row that says what is active; None before the first release."""
    c = t.activations.c
    r = db.execute(select(t.activations).where(c.use_case == use_case).order_by(c.n.desc()).limit(1)).first()
    return Activation(r.use_case, r.n, r.release, r.why, r.run_id, r.data_time) if r is not None else None


def activate(
    db: Connection, use_case: str, release: int, *, after: int, why: str, run_id: str, data_time: datetime
) -> Activation:
    """Insert activation `after + 1` if `after` is still the last; re-entrant by run id while it is the last itself.

    Raises ActivationMoved when another release was activated meanwhile.
    """
    lock_traffic(db, use_case)
    last = last_activation(db, use_case)
    if last is not None and (last.run_id, last.release) == (run_id, release):
        return last
    must_be_last(db, use_case, release, after)
    values = {
        "use_case": use_case,
        "n": after + 1,
        "release": release,
        "why": why,
        "run_id": run_id,
        "data_time": data_time,
    }
    statement = insert(t.activations).values(values).on_conflict_do_nothing().returning(t.activations.c.n)
    if db.execute(statement).first() is None:  # what this run activated before is not active any more
        raise _moved(db, use_case, release)
    return Activation(use_case, after + 1, release, why, run_id, data_time)


def must_be_last(db: Connection, use_case: str, release: int, after: int) -> None:
    """Raise ActivationMoved unless activation `after`, which `release` is to follow, is still the last.

    It stays so until the transaction ends.
    """
    lock_traffic(db, use_case)
    last = last_activation(db, use_case)
    if (last.n if last is not None else 0) != after:
        raise _moved(db, use_case, release)


def _moved(db: Connection, use_case: str, release: int) -> ActivationMoved:
    now = last_activation(db, use_case)
    active = f"release {now.release} (activation {now.n})" if now is not None else "nothing"
    return ActivationMoved(
        f"{use_case}: release {release} is not activated, since {active} became active after this run had begun. "
        f"See `evergreen state {use_case}`; if it is still wanted: `evergreen deploy {use_case} --release {release}`"
    )
