"""Before each task: what dead processes left undone in the ledger is made up for, by the registry's tags above all."""

from __future__ import annotations

from evergreen.artifacts import DatasetVersion
from evergreen.ledger.items import add_item
from evergreen.ledger.records import abort_lost_rollout, published, record_publish, set_hold
from evergreen.loop.instance import Instance


def reconcile(instance: Instance, use_case: str) -> DatasetVersion | None:
    """Note versions that were tagged but not noted, and open their items; the newest version.

    An asset event may be lost, a process may die between the tag and the ledger, or in the middle of a rollout: this
    makes all three harmless.
    """
    head = instance.registry.head(use_case)
    if head is None:
        return None
    with instance.ledger() as db:
        noted = published(db, use_case)
        abort_lost_rollout(db, use_case)
    if head.number in noted and len(noted) == head.number:
        return head
    missing = [version for version in instance.registry.history(use_case) if version.number not in noted]
    for version in sorted(missing, key=lambda version: version.number):
        manifest = instance.registry.manifest(version)
        with instance.ledger() as db:
            if record_publish(db, version):
                if manifest.restores is not None:
                    reason = f"data rolled back to v{manifest.restores} as v{version.number}"
                    set_hold(db, use_case, ("ingest", "retrain"), reason, manifest.run_id, held=True)
                payload = {"dataset_version": version.number}
                add_item(db, use_case, "monitor", version.name, version.data_time, payload)
                add_item(db, use_case, "score", version.name, version.data_time, payload)
    return head
