"""The steps themselves say that they were held: ingest, and the decision that would have asked for a training."""

from __future__ import annotations

import pytest
from tests.faults.toy import NIGHTS

from evergreen.ledger.alerts import newest_alerts
from evergreen.ledger.records import set_hold
from evergreen.loop import ingest, monitor, train
from evergreen.loop.errors import Held
from evergreen.loop.instance import Instance


def told(instance: Instance) -> set[str]:
    with instance.ledger() as db:
        return {alert.key for alert in newest_alerts(db, "toy", 99)}


def hold(instance: Instance, *what: str, held: bool) -> None:
    with instance.ledger() as db:
        set_hold(db, "toy", what, "release rolled back to 2", f"r-{held}", held=held)


def test_promise_8_what_a_hold_kept_from_being_done_is_told(instance: Instance) -> None:
    ingest.ingest(instance, "toy", "night-1", NIGHTS[0])
    run = monitor.plan(instance, "toy", "night-1")
    hold(instance, "ingest", "retrain", held=True)
    assert not monitor.decide(instance, run).retrain
    assert told(instance) == {"retrain 2024-01-31"}, "a cold start would have trained"
    with pytest.raises(Held):
        train.plan(instance, "toy", "night-1", by_hand=True)
    assert told(instance) == {"retrain 2024-01-31"}
    with pytest.raises(Held):
        ingest.plan(instance, "toy", "night-2", NIGHTS[1])
    assert told(instance) == {"retrain 2024-01-31", "ingest 2024-02-01"}


def test_a_hold_that_kept_nothing_from_being_done_is_not_told(instance: Instance) -> None:
    ingest.ingest(instance, "toy", "night-1", NIGHTS[0])
    use_case = instance.folder("toy") / "use_case.yaml"
    use_case.write_text(use_case.read_text() + "retraining: {policy: never}\n")
    run = monitor.plan(instance, "toy", "night-1")
    hold(instance, "retrain", held=True)
    assert not monitor.decide(instance, run).retrain
    assert told(instance) == set()
