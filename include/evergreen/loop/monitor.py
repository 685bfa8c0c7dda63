"""`<uc>.monitor`: measure → decide."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from evergreen.artifacts import Artifact, RetrainDecision, Utc
from evergreen.ledger.items import add_item
from evergreen.ledger.records import record_decision, record_measurement
from evergreen.loop.active import active_release, project_alias
from evergreen.loop.alerts import alert_of_hold, post_waiting
from evergreen.loop.claims import claim, close
from evergreen.loop.instance import Instance
from evergreen.loop.reconcile import reconcile

if TYPE_CHECKING:
    from evergreen.monitoring.measurement import Measurement


class MonitorPlan(Artifact):
    """What one monitoring run looks at."""

    use_case: str
    run_id: str
    item: int
    dataset_version: int
    as_of: Utc
    release: int | None


def plan(instance: Instance, name: str, run_id: str) -> MonitorPlan:
    """Claim the newest version that was not looked at; older ones are superseded. Raises NothingToDo."""
    instance.use_case(name)
    post_waiting(instance, name)
    reconcile(instance, name)
    project_alias(instance, name)
    item = claim(instance, name, "monitor", run_id, newest=True)
    active = active_release(instance, name)
    return MonitorPlan(
        use_case=name,
        run_id=run_id,
        item=item.id,
        dataset_version=int(item.payload["dataset_version"]),
        as_of=item.as_of,
        release=active[0].number if active is not None else None,
    )


def measure(instance: Instance, run: MonitorPlan) -> Measurement | None:
    """Drift of the newest window and performance on labels that have come; None without a release, or where the table
    has lost columns that the release needs, which is a reason to retrain (see `facts.gather`).
    """
    from evergreen.features.schema import lost
    from evergreen.loop.evidence import current_rows, gate_metric, replay, scored_rows, training_rows
    from evergreen.monitoring import measure as compare

    active = active_release(instance, run.use_case)
    if active is None:
        return None
    release = active[0]
    use_case = instance.use_case(run.use_case)
    version = instance.registry.get(run.use_case, run.dataset_version)
    table = instance.registry.parts(version).table().collect()
    replay(instance, use_case, version, table, made_at=datetime.now(UTC))
    schema = instance.models.load(release.model).schema
    if lost(schema, table):
        return None
    reports = instance.settings.home.absolute() / "reports" / run.use_case
    reports.mkdir(parents=True, exist_ok=True)
    measured = compare(
        use_case,
        reference=training_rows(instance, use_case, release),
        current=current_rows(instance, use_case, version, table, release, run.as_of),
        scored=scored_rows(instance, use_case, table, release, run.as_of),
        reference_metric=gate_metric(instance, release, use_case.metric),
        as_of=run.as_of,
        features=[column.name for column in schema],
        report=reports / f"{version.name}-release{release.number}.html",
    )
    with instance.ledger() as db:
        body = measured.model_dump(mode="json")
        record_measurement(db, run.use_case, version, release.number, body, violation=measured.violation)
    return measured


def decide(instance: Instance, run: MonitorPlan) -> RetrainDecision:
    """Retrain or not, with every reason, in the ledger; a yes opens a training."""
    from evergreen.loop.facts import gather
    from evergreen.retraining import decide as judge

    use_case = instance.use_case(run.use_case)
    version = instance.registry.get(run.use_case, run.dataset_version)
    facts = gather(instance, use_case, version, run.as_of)
    decision = judge(use_case, facts, as_of=run.as_of)
    if facts.hold is not None and judge(use_case, facts.model_copy(update={"hold": None}), as_of=run.as_of).retrain:
        alert_of_hold(instance, run.use_case, "retrain", facts.hold, run.as_of)
    with instance.ledger() as db:
        kept = record_decision(db, decision, f"item {run.item}")
        if kept.retrain:
            add_item(db, run.use_case, "train", version.name, run.as_of, {"dataset_version": version.number})
    close(instance, run.item, run.run_id, "retrain" if kept.retrain else "no retraining")
    return kept
