"""What the retrain decision is told, from the ledger and the newest dataset version."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from evergreen.artifacts import DatasetVersion, Release
from evergreen.ledger.costs import cost_since, last_cost, last_cost_time
from evergreen.ledger.records import gates, hold_on, last_failure, measurements
from evergreen.loop.active import active_release
from evergreen.loop.evidence import gate_metric
from evergreen.loop.instance import Instance
from evergreen.spec import UseCase
from evergreen.spec.load import fingerprint
from evergreen.table import mature

if TYPE_CHECKING:
    from evergreen.retraining import Facts


def gather(instance: Instance, use_case: UseCase, version: DatasetVersion, as_of: datetime) -> Facts:
    """The facts of a use case at a data time."""
    from evergreen.monitoring import Measurement
    from evergreen.retraining import Facts, WindowFact

    name = use_case.name
    active = active_release(instance, name)
    release = active[0] if active is not None else None
    period = use_case.retraining.budget[1] if use_case.retraining.budget is not None else timedelta(days=7)
    with instance.ledger() as db:
        measured = [Measurement.model_validate(m) for m in measurements(db, name, release.number)] if release else []
        judged = gates(db, name)
        spent = cost_since(db, name, "train", as_of - period, as_of)
        expected = last_cost(db, name, "train", "gate")
        tried_at = last_cost_time(db, name, "train", "search")
        failed_at = last_failure(db, name, "train")
        hold = hold_on(db, name, "retrain")
    failed = judged[-1] if judged and judged[-1][1].verdict != "pass" else None
    trained = instance.registry.get(name, release.dataset_version) if release is not None else None
    return Facts(
        dataset_version=version.number,
        release=release.number if release is not None else None,
        labelled=labelled(instance, use_case, version),
        labelled_at_training=labelled(instance, use_case, trained) if trained is not None else None,
        trained_at=trained.data_time if trained is not None else None,
        tried_at=tried_at,
        failed_at=failed_at,
        gate_failed_at=failed[0] if failed is not None else None,
        labelled_at_gate_failure=(
            labelled(instance, use_case, instance.registry.get(name, failed[1].dataset_version)) if failed else None
        ),
        reference_metric=gate_metric(instance, release, use_case.metric) if release is not None else None,
        windows=tuple(
            WindowFact(ends=m.as_of, drift=m.drift_violation, performance=m.performance_violation, drop=m.drop)
            for m in measured
        ),
        spent=spent,
        expected_cost=expected,
        hold=hold,
        spec_changed=_spec_changed(instance, use_case, release),
        lost=_lost(instance, version, release),
    )


def labelled(instance: Instance, use_case: UseCase, version: DatasetVersion) -> int:
    """How many rows of a version were label-mature at its own data time."""
    table = instance.registry.parts(version).table().collect()
    return 0 if table.is_empty() else mature(table, use_case, version.data_time).height


def _lost(instance: Instance, version: DatasetVersion, release: Release | None) -> tuple[str, ...]:
    from evergreen.features.schema import lost

    if release is None:
        return ()
    table = instance.registry.parts(version).table().collect()
    return lost(instance.models.load(release.model).schema, table) if table.width else ()


def _spec_changed(instance: Instance, use_case: UseCase, release: Release | None) -> bool:
    if release is None:
        return False
    trained = instance.registry.get(use_case.name, release.dataset_version)
    return instance.registry.manifest(trained).spec != fingerprint(use_case)
