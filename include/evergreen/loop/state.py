"""What an instance holds: in words for a person, and as the canonical form that any history of faults must end in."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from evergreen.artifacts import DatasetVersion
from evergreen.ledger.items import open_items
from evergreen.ledger.records import decisions, hold_on
from evergreen.ledger.runs import asked_by, held_by
from evergreen.loop.active import active_release
from evergreen.loop.instance import Instance
from evergreen.loop.reconcile import reconcile
from evergreen.loop.rollback import HOLDS
from evergreen.table import HASH, KEY, KNOWN_AT, ROW

if TYPE_CHECKING:
    import polars as pl


def canonical_state(instance: Instance, name: str) -> dict[str, Any]:
    """Row hashes, cursors, lineage and the active release of a use case: no ids, no real times, no metrics.

    Equal after any history that brought the same data at the same data times, whatever was killed on the way.
    """
    reconcile(instance, name)
    history = sorted(instance.registry.history(name), key=lambda version: version.number)
    active = active_release(instance, name)
    with instance.ledger() as db:
        decided = decisions(db, name)
        held = {what for what in HOLDS if hold_on(db, name, what) is not None}
        waiting = [(item.kind, item.as_of.isoformat()) for item in open_items(db, name)]
    return {
        "versions": [_version(instance, version) for version in history],
        "decisions": [[d.data_time.isoformat(), d.dataset_version, d.retrain] for d in decided],
        "active": _active(active),
        "scored": _scored(instance, name, active[0].number) if active is not None else None,
        "held": sorted(held),
        "open": sorted(waiting),
    }


def _version(instance: Instance, version: DatasetVersion) -> dict[str, Any]:
    use_case = instance.use_case(version.use_case)
    manifest = instance.registry.manifest(version)
    parts = instance.registry.parts(version)
    target = use_case.target.column
    return {
        "data_time": version.data_time.isoformat(),
        "restores": manifest.restores,
        "parent": manifest.parent,
        "cursors": manifest.cursors,
        "counts": manifest.counts,
        "batches": [[e.source, e.batch, e.rows, e.new, e.broken] for e in manifest.batches],
        "table": _digest(parts.table(), [*use_case.key, ROW, target, KNOWN_AT]),
        "quarantine": _digest(parts.quarantine(), [*use_case.key, "_reasons"]),
        "sources": {name: _digest(parts.source(name), [KEY, HASH]) for name in use_case.sources},
    }


def _digest(part: pl.LazyFrame, columns: list[str]) -> list[Any]:
    """[rows, hash] over the chosen columns, whatever the order of rows and files."""
    there = part.collect_schema()
    frame = part.select(column for column in columns if column in there).collect()
    if frame.is_empty():
        return [0, ""]
    rows = sorted(str(row) for row in frame.rows())
    return [len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()[:32]]


def _active(active: Any) -> dict[str, Any] | None:
    if active is None:
        return None
    release, row = active
    return {
        "dataset_version": release.dataset_version,
        "trained_before": release.model.trained_before.isoformat() if release.model.trained_before else None,
        "activation": row.n,
        "data_time": row.data_time.isoformat(),
    }


def _scored(instance: Instance, name: str, release: int) -> list[Any]:
    keys = sorted(instance.predictions.scored_keys(name, release))
    return [len(keys), hashlib.sha256("\n".join(keys).encode()).hexdigest()[:32]]


def describe_state(instance: Instance, name: str) -> str:
    """The same for a person, in a few lines."""
    head = reconcile(instance, name)
    active = active_release(instance, name)
    with instance.ledger() as db:
        held = [
            f"{what} ({reason}{_by(held_by(db, name, what))})"
            for what in HOLDS
            if (reason := hold_on(db, name, what)) is not None
        ]
        shipped_by = asked_by(db, name, active[1].run_id) if active is not None else None
        waiting = open_items(db, name)
        decided = decisions(db, name)
    lines = [f"{name}"]
    lines.append(
        f"  data     {head.name}, {head.rows:,} rows, as of {_when(head.data_time)}" if head else "  data     none yet"
    )
    if active is not None:
        release, row = active
        model = release.model
        lines.append(
            f"  active   release {release.number}: model {model.version} ({model.candidate}), trained on "
            f"v{release.dataset_version}; since {_when(row.data_time)} ({row.why}{_by(shipped_by)})"
        )
    else:
        lines.append("  active   no release yet")
    if decided:
        last = decided[-1]
        lines.append(f"  decided  {'retrain' if last.retrain else 'no retraining'} on v{last.dataset_version}")
    lines.append(f"  open     {', '.join(f'{i.kind} {i.subject}' for i in waiting) or 'nothing'}")
    lines.append(f"  on hold  {'; '.join(held) or 'nothing'}")
    return "\n".join(lines)


def _by(who: str | None) -> str:
    return f", by {who}" if who is not None else ""


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
