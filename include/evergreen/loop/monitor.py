"""`<uc>.monitor`: measure → decide → wake the training."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from evergreen.artifacts import Artifact, Release, RetrainDecision
from evergreen.ledger.items import add_item
from evergreen.ledger.records import record_decision, record_measurement
from evergreen.loop.active import active_release, project_alias
from evergreen.loop.alerts import alert_of_hold, alert_of_missing, post_waiting
from evergreen.loop.claims import claim, close
from evergreen.loop.errors import NothingToDo
from evergreen.loop.reconcile import reconcile
from evergreen.loop.run import SCHEDULE, Run

if TYPE_CHECKING:
    from evergreen.monitoring.measurement import Measurement


class Looked(Artifact):
    """What a monitoring run looked at; `measured` says whether there was something to measure."""

    dataset_version: int
    release: int | None
    measured: bool


def measure(run: Run) -> Looked:
    """Claim the newest version that was not looked at, and measure it. Raises NothingToDo.

    Drift of the newest window, and performance on labels that have come. Nothing is measured without a release, nor
    where the table has lost columns that the release needs: that is a reason to retrain (see `facts.gather`).
    """
    instance, name = run.instance, run.name
    look_for_missing(run)
    post_waiting(instance, name)
    reconcile(instance, name)
    project_alias(instance, name)
    run = claim(run, "monitor", newest=True)
    number = int(run.payload["dataset_version"])
    active = active_release(instance, name)
    if active is None:
        return Looked(dataset_version=number, release=None, measured=False)
    release = active[0]
    measured = _measure(run, number, release)
    if measured is not None:
        run.say(f"v{number} for release {release.number}: {measured.line}")
    return Looked(dataset_version=number, release=release.number, measured=measured is not None)


def look_for_missing(run: Run) -> None:
    """At a nightly tick only: are there predictions of the last night? A run that an asset woke needn't ask."""
    if run.row.asked_by == SCHEDULE:
        alert_of_missing(run.instance, run.use_case, run.clock(run.use_case))


def _measure(run: Run, number: int, release: Release) -> Measurement | None:
    from evergreen.features.schema import lost
    from evergreen.loop.evidence import current_rows, gate_metric, replay, scored_rows, training_rows
    from evergreen.monitoring import measure as compare

    instance, use_case = run.instance, run.use_case
    version = instance.registry.get(run.name, number)
    table = instance.registry.parts(version).table().collect()
    replay(instance, use_case, version, table, made_at=datetime.now(UTC))
    schema = instance.models.load(release.model).schema
    if lost(schema, table):
        return None
    reports = instance.settings.home.absolute() / "reports" / run.name
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
        record_measurement(db, run.name, version, release.number, body, violation=measured.violation)
    return measured


def decide(run: Run, looked: Looked) -> RetrainDecision:
    """Retrain or not, with every reason, in the ledger; a yes opens a training."""
    from evergreen.loop.facts import gather
    from evergreen.retraining import decide as judge

    instance, name, use_case = run.instance, run.name, run.use_case
    version = instance.registry.get(name, looked.dataset_version)
    facts = gather(instance, use_case, version, run.as_of)
    decision = judge(use_case, facts, as_of=run.as_of)
    if facts.hold is not None and judge(use_case, facts.model_copy(update={"hold": None}), as_of=run.as_of).retrain:
        alert_of_hold(instance, name, "retrain", facts.hold, run.as_of)
    with instance.ledger() as db:
        kept = record_decision(db, decision, f"item {run.item}")
        if kept.retrain:
            add_item(db, name, "train", version.name, run.as_of, {"dataset_version": version.number})
    close(run, "retrain" if kept.retrain else "no retraining")
    run.say(kept.line)
    return kept


def wake(_: Run, decision: RetrainDecision) -> None:
    """Let the training be woken. Raises NothingToDo on a no."""
    if not decision.retrain:
        raise NothingToDo(decision.line)
