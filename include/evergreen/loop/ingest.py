"""`<uc>.ingest`: extract → prepare → validate → publish."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from evergreen.artifacts import Artifact, BatchEntry, BatchRef, DatasetVersion, Manifest, StagedVersion, Utc
from evergreen.errors import PermanentError
from evergreen.ledger.records import excluded_batches, excluded_rows
from evergreen.loop.claims import refuse_if_held
from evergreen.loop.copies import copy_versions
from evergreen.loop.errors import NothingToDo, TooManyBroken
from evergreen.loop.reconcile import reconcile
from evergreen.loop.rollback import adopt_by_hand
from evergreen.loop.run import Run
from evergreen.parts import BROKEN, SOURCES, Parts, broken_path
from evergreen.spec import UseCase
from evergreen.spec.load import fingerprint


class Begun(Artifact):
    """What an ingest sets out from: the data time, and the parent version, whose cursors say where to read on."""

    as_of: Utc
    parent: int | None


def begin(run: Run) -> Begun:
    """Begin a run. Raises Held on a hold, and NothingToDo when the data already speak of its data time."""
    instance, name = run.instance, run.name
    as_of = run.clock(run.use_case)
    adopt_by_hand(instance, name, run.id)
    head = reconcile(instance, name)
    refuse_if_held(instance, name, "ingest", as_of)
    if head is not None and head.data_time >= as_of:
        raise NothingToDo(f"{name}: {head.name} already speaks of {head.data_time:%Y-%m-%d %H:%M}Z; no new data time")
    run.about(f"v{head.number + 1 if head is not None else 1}", as_of).workplace(fresh=True)
    return Begun(as_of=as_of, parent=head.number if head is not None else None)


def extract(run: Run, begun: Begun, source: str) -> BatchRef:
    """Read what one source has new, into the run's staging folder."""
    from evergreen.ingest import extract as extract_source

    instance, manifest = run.instance, _parent_manifest(run, begun)
    return extract_source(
        run.use_case,
        source,
        as_of=begun.as_of,
        cursor=manifest.cursors.get(source) if manifest is not None else None,
        columns=manifest.schemas.get(source) if manifest is not None else None,
        connect=instance.connect,
        landing=instance.settings.landing,
        folder=instance.folder(run.name),
        into=run.part("batches") / source,
        pseudonym_key=instance.pseudonym_key,
    )


def prepare(run: Run, begun: Begun, batches: list[BatchRef]) -> StagedVersion:
    """Append the batches to the source states and rebuild the table rows they touch."""
    from evergreen.ingest import append
    from evergreen.prepare import prepare as prepare_table

    instance, use_case = run.instance, run.use_case
    parent, before = _parent(run, begun), _parent_manifest(run, begun)
    folder = _empty(run.part("staged"))
    known = instance.registry.parts(parent)
    sources = {name: known.source_files(name) for name in use_case.sources}
    new: dict[str, list[Path]] = {name: [] for name in use_case.sources}
    new_rows: dict[str, int] = {}
    for batch in batches:
        with instance.ledger() as db:
            excluded = excluded_rows(db, run.name, batch.source)
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
        as_of=begun.as_of,
        parent_as_of=parent.data_time if parent is not None else None,
        into=folder,
        rebuild=before is not None and before.spec != fingerprint(use_case),
    )
    prepared.touched.write_parquet(run.part("checks") / "touched.parquet")
    return StagedVersion(
        use_case=run.name,
        parent=begun.parent,
        folder=folder,
        removed=prepared.removed,
        batches=tuple(batches),
        new_rows=new_rows,
        counts=prepared.counts,
        data_time=begun.as_of,
        run_id=run.id,
    )


def validate(run: Run, begun: Begun, staged: StagedVersion) -> StagedVersion:
    """Hold the rebuilt rows against the expectations: good rows, and a quarantine with reasons.

    Raises TooManyFailures when more of a run's rows fail than `quality.quarantine_at_most`; nothing is published then.
    """
    from evergreen.parquet import read_rows
    from evergreen.quality import validate as judge

    instance, use_case, parent = run.instance, run.use_case, _parent(run, begun)
    _refuse_broken(use_case, staged.batches)
    known = instance.registry.parts(parent)
    folder = _empty(run.part("checked"))
    for part in (SOURCES, BROKEN):
        if (staged.folder / part).exists():
            shutil.copytree(staged.folder / part, folder / part)
    verdict = judge(
        use_case,
        Parts.of(_staged(staged)).table_files(),
        read_rows(run.part("checks") / "touched.parquet"),
        table=known.table_files(),
        quarantine=known.quarantine_files(),
        into=folder,
        removed=staged.removed,
        docs=instance.settings.home.absolute() / "reports" / run.name / f"quality-{begun.as_of:%Y%m%dT%H%M%SZ}",
        as_of=begun.as_of,
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


def publish(run: Run, begun: Begun, staged: StagedVersion) -> DatasetVersion:
    """Make the version visible in one step, then note it in the ledger.

    When another run has published meanwhile, this one is done again on the new parent. A version of this run that is
    there already is returned as it is.
    """
    from evergreen.versions.errors import ParentMoved

    instance, name = run.instance, run.name
    head = instance.registry.head(name)
    if head is not None and instance.registry.manifest(head).run_id == run.id and head.data_time == begun.as_of:
        version = head
    else:
        try:
            version = _commit(run, begun, staged)
        except ParentMoved:
            reconcile(instance, name)
            return _again(run)
    reconcile(instance, name)
    copy_versions(instance, name)
    run.about(f"v{version.number}").say(_brought(instance.registry.manifest(version), version))
    return version


def _again(run: Run) -> DatasetVersion:
    """All of it once more in this process, on the parent that there is now."""
    begun = begin(run)
    staged = prepare(run, begun, [extract(run, begun, source) for source in run.use_case.sources])
    return publish(run, begun, validate(run, begun, staged))


def _brought(manifest: Manifest, version: DatasetVersion) -> str:
    new = {entry.source: entry.new for entry in manifest.batches if entry.data_time == version.data_time}
    brought = ", ".join(f"{source} {count:,}" for source, count in new.items())
    return f"{version.name}: {version.rows:,} rows at {version.data_time:%Y-%m-%d %H:%M}Z; new: {brought}"


def _commit(run: Run, begun: Begun, staged: StagedVersion) -> DatasetVersion:
    from evergreen.parquet import count_rows
    from evergreen.prepare import totals

    instance, registry, use_case = run.instance, run.instance.registry, run.use_case
    parent, before = _parent(run, begun), _parent_manifest(run, begun)
    changed = _staged(staged)
    kept = registry.files(parent) if parent is not None else {}
    now = Parts.of({name: path for name, path in {**kept, **changed}.items() if name not in staged.removed})
    with instance.ledger() as db:
        excluded = excluded_batches(db, run.name)
    entries = before.batches if before is not None else ()
    manifest = Manifest(
        use_case=run.name,
        number=parent.number + 1 if parent is not None else 1,
        parent=parent.number if parent is not None else None,
        data_time=begun.as_of,
        run_id=run.id,
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
        use_case=run.name, parent=parent, changed=changed, removed=staged.removed, manifest=manifest
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


def _parent(run: Run, begun: Begun) -> DatasetVersion | None:
    return run.instance.registry.get(run.name, begun.parent) if begun.parent is not None else None


def _parent_manifest(run: Run, begun: Begun) -> Manifest | None:
    parent = _parent(run, begun)
    return run.instance.registry.manifest(parent) if parent is not None else None


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
