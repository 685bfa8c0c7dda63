"""The steps themselves say that they were held: ingest, and the decision that would have asked for a training."""

from __future__ import annotations

import pytest
from tests.faults.toy import NIGHTS
from tests.rounds import Going, ingest

from evergreen.ledger.alerts import newest_alerts
from evergreen.ledger.records import set_hold
from evergreen.loop.errors import Held
from evergreen.loop.instance import Instance


def told(instance: Instance) -> set[str]:
    with instance.ledger() as db:
        return {alert.key for alert in newest_alerts(db, "toy", 99)}


def hold(instance: Instance, *what: str, held: bool) -> None:
    with instance.ledger() as db:
        set_hold(db, "toy", what, "release rolled back to 2", f"r-{held}", held=held)


def test_promise_8_what_a_hold_kept_from_being_done_is_told(instance: Instance) -> None:
    ingest(instance, "toy", "night-1", NIGHTS[0])
    run = Going(instance, "toy", "monitor", "night-1")
    run.step("measure")
    hold(instance, "ingest", "retrain", held=True)
    assert not run.step("decide")["retrain"]
    assert told(instance) == {"retrain 2024-01-31"}, "a cold start would have trained"
    with pytest.raises(Held):
        Going(instance, "toy", "train", "night-1", params={"by_hand": True}).step("snapshot")
    assert told(instance) == {"retrain 2024-01-31"}
    with pytest.raises(Held):
        Going(instance, "toy", "ingest", "night-2", NIGHTS[1]).step("begin")
    assert told(instance) == {"retrain 2024-01-31", "ingest 2024-02-01"}


def test_a_hold_that_kept_nothing_from_being_done_is_not_told(instance: Instance) -> None:
    ingest(instance, "toy", "night-1", NIGHTS[0])
    use_case = instance.folder("toy") / "use_case.yaml"
    use_case.write_text(use_case.read_text() + "retraining: {policy: never}\n")
    run = Going(instance, "toy", "monitor", "night-1")
    run.step("measure")
    hold(instance, "retrain", held=True)
    assert not run.step("decide")["retrain"]
    assert told(instance) == set()
