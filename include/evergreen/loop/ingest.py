"""`<uc>.ingest`: extract → prepare → validate → publish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ..artifacts import Artifact, BatchEntry, BatchRef, DatasetVersion, Manifest, StagedVersion, Utc
from ..ledger.open import only_one
from ..ledger.records import excluded_batches, excluded_rows, hold_on
from ..spec import UseCase
from ..spec.load import fingerprint
from .errors import Held, NothingToDo
from .instance import Instance
from .reconcile import reconcile
from .rollback import adopt_by_hand

ATTEMPTS = 3


class IngestPlan(Artifact):
    """What one ingest run sets out from: the parent version, whose cursors say where to read on."""

    use_case: str
    run_id: str
    as_of: Utc
    parent: int | None
    sources: tuple[str, ...]


def plan(instance: Instance, name: str, run_id: str, as_of: datetime) -> IngestPlan:
    """Begin a run. Raises Held on a hold, and NothingToDo when the data already speak of `as_of`."""
    use_case = instance.use_case(name)
    adopt_by_hand(instance, name, run_id)
    head = reconcile(instance, name)
    with instance.ledger() as db:
        reason = hold_on(db, name, "ingest")
    if reason is not None:
        raise Held(f"{name}: ingest is on hold ({reason}); nothing is read until `evergreen resume {name}`")
    if head is not None and head.data_time >= as_of:
        raise NothingToDo(f"{name}: {head.name} already speaks of {head.data_time:%Y-%m-%d %H:%M}Z; no new data time")
    instance.workplace(name, run_id, fresh=True)
    return IngestPlan(
        use_case=name,
        run_id=run_id,
        as_of=as_of,
        parent=head.number if head is not None else None,
        sources=tuple(use_case.sources),
    )


def extract(instance: Instance, run: IngestPlan, source: str) -> BatchRef:
    """Read what one source has new, into the run's staging folder."""
    from ..ingest import extract as extract_source

    manifest = _parent_manifest(instance, run)
    return extract_source(
        instance.use_case(run.use_case),
        source,
        as_of=run.as_of,
        cursor=manifest.cursors.get(source) if manifest is not None else None,
        columns=manifest.schemas.get(source) if manifest is not None else None,
        connect=instance.connect,
        landing=instance.settings.landing,
        folder=instance.folder(run.use_case),
        into=_folder(instance, run, "batches") / source,
        pseudonym_key=instance.pseudonym_key,
    )


def prepare(instance: Instance, run: IngestPlan, batches: Sequence[BatchRef]) -> StagedVersion:
    """Append the batches to the source states and rebuild the table rows they touch."""
    from ..ingest import append
    from ..prepare import prepare as prepare_table

    use_case = instance.use_case(run.use_case)
    parent = _parent(instance, run)
    folder = _empty(_folder(instance, run, "staged"))
    known = instance.registry.files(parent) if parent is not None else {}
    sources = {name: _under(known, f"sources/{name}/") for name in use_case.sources}
    new: dict[str, list[Path]] = {name: [] for name in use_case.sources}
    new_rows: dict[str, int] = {}
    for batch in batches:
        with instance.ledger() as db:
            excluded = excluded_rows(db, run.use_case, batch.source)
        added = append(use_case, batch.source, batch, list(sources[batch.source].values()), folder, excluded=excluded)
        new_rows[batch.source] = added.new
        if added.path is not None:
            new[batch.source].append(added.path)
    prepared = prepare_table(
        use_case,
        sources={name: [*sources[name].values(), *new[name]] for name in use_case.sources},
        new=new,
        table=_under(known, "table/"),
        quarantine=_under(known, "quarantine/table/"),
        as_of=run.as_of,
        parent_as_of=parent.data_time if parent is not None else None,
        into=folder,
    )
    return StagedVersion(
        use_case=run.use_case,
        parent=run.parent,
        folder=folder,
        removed=prepared.removed,
        batches=tuple(batches),
        new_rows=new_rows,
        counts=prepared.counts,
        data_time=run.as_of,
        run_id=run.run_id,
    )
