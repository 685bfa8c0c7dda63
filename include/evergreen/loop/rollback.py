"""Going back is going forward: rollbacks of data and releases, holds, and what ends them (design, promise 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from evergreen.artifacts import DatasetVersion, Release
from evergreen.errors import PermanentError, bounded
from evergreen.ledger.items import add_item, close_open_items
from evergreen.ledger.records import exclude_rows, hold_on, record_rollout_step, running_rollout, set_hold
from evergreen.ledger.releases import activate, all_releases, get_release, last_activation
from evergreen.loop.copies import copy_versions
from evergreen.loop.instance import Instance
from evergreen.loop.reconcile import reconcile

if TYPE_CHECKING:
    from evergreen.versions.diff import VersionDiff

log = structlog.get_logger()
HOLDS = ("ingest", "retrain", "deploy")


def adopt_by_hand(instance: Instance, name: str, run_id: str) -> DatasetVersion | None:
    """Take over a rollback that a person made with git and DVC in the registry; None when there is none.

    Raises PermanentError for any other change by hand, and leaves it as it is.
    """
    by_hand = instance.registry.adopt(name)
    if by_hand is None:
        return None
    return _restore(instance, name, by_hand.restores, run_id)


def rollback_data(instance: Instance, name: str, to: int, run_id: str) -> DatasetVersion:
    """Publish version `to`'s tree and cursors again as the newest, and hold ingest and retraining. Re-entrant."""
    reconcile(instance, name)
    return _restore(instance, name, to, run_id)


def _restore(instance: Instance, name: str, to: int, run_id: str) -> DatasetVersion:
    registry = instance.registry
    target, head = registry.get(name, to), registry.head(name)
    if head is None:
        raise PermanentError(f"{name} has no dataset version yet; there is nothing to roll back")
    manifest = registry.manifest(head)
    if manifest.restores != to or manifest.run_id != run_id:
        if head.number == to:
            raise PermanentError(f"{head.name} is the newest version already; name an earlier one to roll back to")
        head = registry.restore(
            use_case=name,
            to=target,
            parent=head,
            data_time=target.data_time,
            run_id=run_id,
        )
    reconcile(instance, name)
    copy_versions(instance, name)
    warn_of_model(instance, name, to)
    return head


def warn_of_model(instance: Instance, name: str, restored: int) -> str | None:
    """Say so when the active model learned from a version that was rolled away, and name the release to go back to."""
    with instance.ledger() as db:
        last = last_activation(db, name)
        releases = all_releases(db, name)
    active = next((release for release in releases if last is not None and release.number == last.release), None)
    if active is None or active.dataset_version <= restored:
        return None
    older = [release for release in releases if release.dataset_version <= restored]
    step = (
        f"`evergreen rollback {name} --release {older[-1].number}`"
        if older
        else f"no release is as old as that; `evergreen resume {name}` and retrain"
    )
    message = (
        f"the active release {active.number} of {name} was trained on v{active.dataset_version}, which is rolled away; "
        f"to go back to a model that never saw it: {step}"
    )
    log.warning("active model saw data that are rolled away", use_case=name, next_step=step)
    return message


def rollback_release(
    instance: Instance, name: str, to: int, run_id: str, *, data: bool = False
) -> tuple[Release, DatasetVersion | None]:
    """Activate an earlier release again, close open training and deployment, hold both, and open a scoring by it; with
    `data` its data too.

    Raises PermanentError for an unknown release, ActivationMoved when another one became active meanwhile.
    """
    with instance.ledger() as db:
        release = get_release(db, name, to)
        last = last_activation(db, name)
        known = ", ".join(str(r.number) for r in all_releases(db, name)) or "none"
        if release is None or last is None:
            raise PermanentError(f"{name} has no release {to}; releases are {known}")
        if last.release == to and last.run_id != run_id:
            raise PermanentError(f"release {to} of {name} is active already; releases are {known}")
        head = instance.registry.head(name)
        stands = instance.registry.get(name, release.dataset_version) if data else head
        since = stands.data_time if stands is not None else last.data_time
        why = f"rolled back from release {last.release}"
        now = activate(db, name, to, after=last.n, why=why, run_id=run_id, data_time=since)
        if stands is not None:
            payload = {"dataset_version": stands.number}
            add_item(db, name, "score", f"activation {now.n}", since, payload)
        close_open_items(db, name, ("train", "deploy"), f"rolled back to release {to}")
        under_way = running_rollout(db, name)
        if under_way is not None:
            record_rollout_step(db, name, run_id, under_way[0], 0, "aborted", {"reasons": ["rolled back"]})
        set_hold(db, name, ("retrain", "deploy"), f"release rolled back to {to}", run_id, held=True)
    instance.models.alias(name, "champion", release.model.version)
    version = None
    if data and head is not None and head.number != release.dataset_version:
        version = rollback_data(instance, name, release.dataset_version, f"{run_id}-data")
    return release, version


def resume(instance: Instance, name: str, run_id: str) -> list[str]:
    """End every hold of a use case; what was held. A rollback made by hand is adopted first, so it is not lost."""
    adopt_by_hand(instance, name, f"{run_id}-adopt")
    reconcile(instance, name)
    with instance.ledger() as db:
        held = [what for what in HOLDS if hold_on(db, name, what) is not None]
        set_hold(db, name, held, "resumed", run_id, held=False)
    return held


def exclude(instance: Instance, name: str, batch: str, reason: str) -> int:
    """Keep exactly the rows of a batch out from now on; their number. Repaired rows have other hashes and come in.

    Raises PermanentError when no version knows the batch, and when the newest version still holds it.
    """
    import polars as pl

    from evergreen.table import BATCH, HASH, KEY

    head = instance.registry.head(name)
    for version in sorted(instance.registry.history(name), key=lambda v: -v.number):
        entries = [e for e in instance.registry.manifest(version).batches if e.batch.startswith(batch)]
        if len({entry.batch for entry in entries}) > 1:
            raise PermanentError(f"batch {batch} of {name} is not unique; give more of its letters")
        if not entries:
            continue
        if head is not None and version.number == head.number:
            first = _first_with(instance, name, entries[0].batch)
            raise PermanentError(
                f"batch {batch} is part of {head.name}; first go back to before it: "
                f"`evergreen rollback {name} --to v{first - 1}`, then exclude it and `evergreen resume {name}`"
            )
        source = entries[0].source
        state = instance.registry.parts(version).source(source)
        mine = state.filter(pl.col(BATCH) == entries[0].batch).select(KEY, HASH)
        rows = [(row[0], row[1]) for row in mine.collect().rows()] if state.collect_schema() else []
        with instance.ledger() as db:
            exclude_rows(db, name, source, entries[0].batch, rows, reason)
        return len(rows)
    raise PermanentError(f"no version of {name} knows a batch {batch}; `evergreen history {name} --batches` lists them")


def _first_with(instance: Instance, name: str, batch: str) -> int:
    for version in sorted(instance.registry.history(name), key=lambda v: v.number):
        if any(entry.batch == batch for entry in instance.registry.manifest(version).batches):
            return version.number
    return 1


def show(instance: Instance, name: str, version: int | None, release: int | None) -> str:
    """What a rollback would change, in a few lines. Raises PermanentError unless exactly one target is named."""
    if (version is None) == (release is None):
        raise PermanentError("say what to go back to: either a dataset version or a release")
    head = instance.registry.head(name)
    with instance.ledger() as db:
        last = last_activation(db, name)
        target = get_release(db, name, release) if release is not None else None
        now = get_release(db, name, last.release) if last is not None else None
    if release is not None:
        if target is None or now is None:
            raise PermanentError(f"{name} has no release {release}; `evergreen state {name}` shows the active one")
        return (
            f"{name}: release {now.number} (model {now.model.version}, data v{now.dataset_version}) → "
            f"release {target.number} (model {target.model.version}, data v{target.dataset_version})"
        )
    if head is None or version is None:
        raise PermanentError(f"{name} has no dataset version yet; there is nothing to roll back")
    return describe(instance.registry.diff(head, instance.registry.get(name, version)))


def describe(diff: VersionDiff) -> str:
    """A difference of two versions in a few lines for a person."""
    lines = [
        f"{diff.before.name} → {diff.after.name}: {diff.rows:+,} rows",
        f"  files: {len(diff.added)} added, {len(diff.changed)} changed, {len(diff.removed)} removed",
        f"  batches: {len(diff.batches_added)} more, {len(diff.batches_removed)} fewer",
    ]
    for count in sorted({*diff.counts_before, *diff.counts_after}):
        old, new = diff.counts_before.get(count, 0), diff.counts_after.get(count, 0)
        if old != new:
            lines.append(f"  {count}: {old:,} → {new:,}")
    return "\n".join(lines)


def verify(instance: Instance, name: str, version: int | None) -> None:
    """Hash the restored version's files. Raises PermanentError with what is wrong."""
    if version is not None:
        problems = instance.registry.verify(instance.registry.get(name, version))
        if problems:
            raise PermanentError(f"{name}@v{version}: {bounded(problems, 3)}")
