"""`<uc>.ingest`: extract → prepare → validate → publish."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from evergreen.artifacts import Artifact, BatchEntry, BatchRef, DatasetVersion, Manifest, StagedVersion, Utc
from evergreen.errors import PermanentError
from evergreen.ledger.records import excluded_batches, excluded_rows
from evergreen.loop.claims import refuse_if_held
from evergreen.loop.copies import copy_versions
from evergreen.loop.errors import NothingToDo, TooManyBroken
from evergreen.loop.instance import Instance
from evergreen.loop.reconcile import reconcile
from evergreen.loop.rollback import adopt_by_hand
from evergreen.parts import BROKEN, SOURCES, Parts, broken_path
from evergreen.spec import UseCase
from evergreen.spec.load import fingerprint


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
    refuse_if_held(instance, name, "ingest", as_of)
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
    from evergreen.ingest import extract as extract_source

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
    from evergreen.ingest import append
    from evergreen.prepare import prepare as prepare_table

    use_case = instance.use_case(run.use_case)
    parent, before = _parent(instance, run), _parent_manifest(instance, run)
    folder = _empty(_folder(instance, run, "staged"))
    known = instance.registry.parts(parent)
    sources = {name: known.source_files(name) for name in use_case.sources}
    new: dict[str, list[Path]] = {name: [] for name in use_case.sources}
    new_rows: dict[str, int] = {}
    for batch in batches:
        with instance.ledger() as db:
            excluded = excluded_rows(db, run.use_case, batch.source)
        added = append(use_case, batch.source, batch, list(sources[batch.source].values()), folder, excluded=excluded)
        new_rows[batch.source] = added.new
        if added.path is not None:
            new[batch.source].append(added.path)
        if batch.broken_path is not None:
            kept = folder / broken_path(batch)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(batch.broken_path, kept)
    prepared = prepare_table(
        use_case,
        sources={name: [*sources[name].values(), *new[name]] for name in use_case.sources},
        new=new,
        table=known.table_files(),
        quarantine=known.quarantine_files(),
        as_of=run.as_of,
        parent_as_of=parent.data_time if parent is not None else None,
        into=folder,
        rebuild=before is not None and before.spec != fingerprint(use_case),
    )
    prepared.touched.write_parquet(_folder(instance, run, "checks") / "touched.parquet")
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


def validate(instance: Instance, run: IngestPlan, staged: StagedVersion) -> StagedVersion:
    """Hold the rebuilt rows against the expectations: good rows, and a quarantine with reasons.

    Raises TooManyFailures when more of a run's rows fail than `quality.quarantine_at_most`; nothing is published then.
    """
    from evergreen.parquet import read_rows
    from evergreen.quality import validate as judge

    use_case, parent = instance.use_case(run.use_case), _parent(instance, run)
    _refuse_broken(use_case, staged.batches)
    known = instance.registry.parts(parent)
    folder = _empty(_folder(instance, run, "checked"))
    for part in (SOURCES, BROKEN):
        if (staged.folder / part).exists():
            shutil.copytree(staged.folder / part, folder / part)
    verdict = judge(
        use_case,
        Parts.of(_staged(staged)).table_files(),
        read_rows(_folder(instance, run, "checks") / "touched.parquet"),
        table=known.table_files(),
        quarantine=known.quarantine_files(),
        into=folder,
        removed=staged.removed,
        docs=instance.settings.home.absolute() / "reports" / run.use_case / f"quality-{run.as_of:%Y%m%dT%H%M%SZ}",
        as_of=run.as_of,
    )
    return staged.model_copy(
        update={
            "folder": folder,
            "removed": verdict.removed,
            "counts": {**staged.counts, "judged": verdict.rows, "failed": verdict.failed},
        }
    )


def _refuse_broken(use_case: UseCase, batches: Sequence[BatchRef]) -> None:
    limit = use_case.quality.quarantine_at_most
    for batch in batches:
        if batch.broken > limit * (batch.rows + batch.broken):
            raise TooManyBroken(
                f"{use_case.name}: {batch.broken:,} of {batch.rows + batch.broken:,} rows of source `{batch.source}` "
                f"can't be read, more than `quality.quarantine_at_most: {limit:g}` allows; nothing is published. "
                f"Mend them at the source (where each stands, and why, is in {batch.broken_path}) or raise the limit."
            )


def publish(instance: Instance, run: IngestPlan, staged: StagedVersion) -> DatasetVersion:
    """Make the version visible in one step, then note it in the ledger.

    When another run has published meanwhile, this one is done again on the new parent. A version of this run that is
    there already is returned as it is.
    """
    from evergreen.versions.errors import ParentMoved

    head = instance.registry.head(run.use_case)
    if head is not None and instance.registry.manifest(head).run_id == run.run_id and head.data_time == run.as_of:
        version = head
    else:
        try:
            version = _commit(instance, run, staged)
        except ParentMoved:
            reconcile(instance, run.use_case)
            return ingest(instance, run.use_case, run.run_id, run.as_of)
    reconcile(instance, run.use_case)
    copy_versions(instance, run.use_case)
    return version


def ingest(instance: Instance, name: str, run_id: str, as_of: datetime) -> DatasetVersion:
    """All of it in one process: extract, prepare, validate, publish. Raises NothingToDo, Held and what stages raise."""
    run = plan(instance, name, run_id, as_of)
    batches = [extract(instance, run, source) for source in run.sources]
    return publish(instance, run, validate(instance, run, prepare(instance, run, batches)))


def _commit(instance: Instance, run: IngestPlan, staged: StagedVersion) -> DatasetVersion:
    from evergreen.parquet import count_rows
    from evergreen.prepare import totals

    registry, use_case = instance.registry, instance.use_case(run.use_case)
    parent, before = _parent(instance, run), _parent_manifest(instance, run)
    changed = _staged(staged)
    kept = registry.files(parent) if parent is not None else {}
    now = Parts.of({name: path for name, path in {**kept, **changed}.items() if name not in staged.removed})
    with instance.ledger() as db:
        excluded = excluded_batches(db, run.use_case)
    entries = before.batches if before is not None else ()
    manifest = Manifest(
        use_case=run.use_case,
        number=parent.number + 1 if parent is not None else 1,
        parent=parent.number if parent is not None else None,
        data_time=run.as_of,
        run_id=run.run_id,
        spec=fingerprint(use_case),
        cursors={**(before.cursors if before is not None else {}), **{b.source: b.cursor for b in staged.batches}},
        schemas=_schemas(before, staged.batches),
        batches=(*entries, *(_entry(batch, staged.new_rows) for batch in staged.batches if batch.rows or batch.broken)),
        counts={
            **totals(now.table_files().values()),
            "quarantine": count_rows(now.quarantine_files().values()),
            "broken": count_rows(now.broken_files().values()),
            "rebuilt": staged.counts.get("rebuilt", 0),
            "static_changes": staged.counts.get("static_changes", 0),
        },
        excluded=excluded,
    )
    return registry.publish(
        use_case=run.use_case, parent=parent, changed=changed, removed=staged.removed, manifest=manifest
    )


def _schemas(before: Manifest | None, batches: Sequence[BatchRef]) -> dict[str, dict[str, str]]:
    known = dict(before.schemas) if before is not None else {}
    return {**known, **{b.source: {**known.get(b.source, {}), **b.columns} for b in batches if b.columns}}


def _entry(batch: BatchRef, new_rows: dict[str, int]) -> BatchEntry:
    return BatchEntry(
        batch=batch.batch,
        source=batch.source,
        rows=batch.rows,
        new=new_rows.get(batch.source, 0),
        broken=batch.broken,
        sha256=batch.sha256,
        data_time=batch.data_time,
    )


def _parent(instance: Instance, run: IngestPlan) -> DatasetVersion | None:
    return instance.registry.get(run.use_case, run.parent) if run.parent is not None else None


def _parent_manifest(instance: Instance, run: IngestPlan) -> Manifest | None:
    parent = _parent(instance, run)
    return instance.registry.manifest(parent) if parent is not None else None


def _folder(instance: Instance, run: IngestPlan, part: str) -> Path:
    folder = instance.workplace(run.use_case, run.run_id) / part
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def _staged(staged: StagedVersion) -> dict[str, Path]:
    folder = staged.folder
    if not folder.is_dir():  # without this, no files would mean no changes, and cursors would go on without their rows
        raise PermanentError(
            f"{staged.use_case}: {folder} is gone, where this run had its files, so nothing is published; "
            f"run the ingest again, from its first task on"
        )
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.parquet"))}
