"""A use case's past, written straight into the registry and the ledger: what the page has to show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from evergreen.artifacts import (
    BentoRef,
    DatasetVersion,
    GateDecision,
    Manifest,
    ModelVersion,
    Reason,
    RetrainDecision,
)
from evergreen.ledger.alerts import Alert, record_alert
from evergreen.ledger.items import add_item, claim_item, close_item
from evergreen.ledger.records import record_decision, record_gate, record_measurement, record_publish, set_hold
from evergreen.ledger.releases import activate, add_release
from evergreen.loop.instance import Instance

DAY = timedelta(days=1)
START = datetime(2013, 3, 1, 2, tzinfo=UTC)
SECRET_VALUE = "N14228"
"""A row's value, which must never be on the page."""


def tell(instance: Instance, name: str = "flights", versions: int = 12) -> None:
    """Versions, three releases, a measurement, a decision, gates, items, a hold, alerts, and Evidently's report."""
    published = [_publish(instance, name, number) for number in range(1, versions + 1)]
    head = published[-1]
    with instance.ledger() as db:
        for version in published:
            record_publish(db, version)
        for number, (candidate, trained_on) in enumerate((("random_forest", 1), ("lightgbm", 6), ("lightgbm", 11)), 1):
            model = _model(name, number, candidate, trained_on)
            at = published[trained_on - 1].data_time
            release = add_release(db, name, model, _bento(name, number))
            record_gate(db, _gate(name, number), at)
            why = "passed the gate: ROC AUC 0.7412 against 0.7305" if number > 1 else "the first release"
            activate(db, name, release.number, after=number - 1, why=why, run_id=f"deploy-{number}", data_time=at)
        record_measurement(db, name, head, 3, _measurement(), violation=True)
        record_decision(db, _decision(name, head), "item 1")
        before = published[-2]
        add_item(db, name, "score", before.name, before.data_time, {"dataset_version": before.number})
        item = claim_item(db, name, "score", "score-1", lease=DAY, newest=True)
        if item is not None:
            close_item(db, item.id, "score-1", "720 rows by release 3")
        add_item(db, name, "score", head.name, head.data_time, {"dataset_version": head.number})
        for night, kind in ((published[0], "late"), (head, "held")):
            record_alert(db, Alert(name, kind, night.name, f"{name}: {kind} since {night.name}", night.data_time))
        set_hold(db, name, ("retrain", "deploy"), "release rolled back to 2", "rollback-1", held=True)
        activate(db, name, 2, after=3, why="rolled back from release 3", run_id="rollback-1", data_time=head.data_time)
    write_report(instance, f"{head.name}-release3.html", name)


def write_report(instance: Instance, file: str, name: str = "flights") -> None:
    """What stands for one of Evidently's reports: a document that is drawn by a script of its own."""
    report = instance.settings.home / "reports" / name / file
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("<!doctype html><title>Drift</title><body><script>document.body.append('drawn')</script>")


def _publish(instance: Instance, name: str, number: int) -> DatasetVersion:
    parent = instance.registry.head(name)
    file = Path(instance.settings.home) / f"part-{number}"
    file.write_text(f"{SECRET_VALUE} {number}")
    manifest = Manifest(
        use_case=name,
        number=number,
        parent=number - 1 or None,
        data_time=START + number * DAY,
        run_id=f"run-{number}",
        spec="abc",
        counts={"table": 25_000 + 871 * number, "quarantine": 3 * number},
    )
    changed = {f"table/day=2013-03-{number + 1:02}.parquet": file}
    return instance.registry.publish(use_case=name, parent=parent, changed=changed, manifest=manifest)


def _model(name: str, number: int, candidate: str, trained_on: int) -> ModelVersion:
    return ModelVersion(
        use_case=name,
        version=number,
        run_id=f"run{number}",
        uri="models:/none",
        sha256="0" * 64,
        dataset_version=trained_on,
        candidate=candidate,
        seed=0,
        trained_before=None,
    )


def _bento(name: str, number: int) -> BentoRef:
    return BentoRef(use_case=name, tag=f"{name}:{number}", path=Path("x"), sha256="1" * 64, model_version=number)


def _measurement() -> dict[str, object]:
    reasons = [
        Reason(check="drift", passed=False, text="2 of 13 features have drifted: `temp` (psi 0.41), `dewp` (psi 0.28)"),
        Reason(check="performance", passed=True, text="ROC AUC 0.7391 (0.7302 to 0.7480) on 5,210 labelled rows"),
    ]
    return {"reasons": [reason.model_dump(mode="json") for reason in reasons]}


def _decision(name: str, head: DatasetVersion) -> RetrainDecision:
    reasons = (
        Reason(check="rows", passed=True, text="31,204 labelled rows are enough"),
        Reason(check="cooldown", passed=False, text="the last training was 1 day ago, the cooldown is 3 days"),
        Reason(check="trigger", passed=True, text="2 of the last 3 windows are violations"),
        Reason(check="gain", passed=None, text="the expected gain is not known yet"),
        Reason(check="decision", passed=False, text="not retrained, since the last training was 1 day ago"),
    )
    return RetrainDecision(
        use_case=name,
        retrain=False,
        dataset_version=head.number,
        data_time=head.data_time,
        release=3,
        reasons=reasons,
    )


def _gate(name: str, number: int) -> GateDecision:
    reasons = (
        Reason(check="gain", passed=True, text="ROC AUC 0.7412 against 0.7305: better by 0.0107 (0.0061 to 0.0153)"),
        Reason(check="slices", passed=True, text="no carrier is worse off"),
        Reason(check="latency", passed=None, text="latency was not measured"),
    )
    return GateDecision(
        use_case=name,
        verdict="pass",
        model_version=number,
        against=f"release {number - 1}" if number > 1 else "baseline",
        dataset_version=number,
        window=(START, START + 14 * DAY),
        window_uses=0,
        reasons=reasons,
    )
