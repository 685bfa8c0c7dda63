"""What a training that breaks off leaves: what it cost, and a cooldown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.faults.toy import NIGHTS
from tests.rounds import Going, ingest

from evergreen.errors import PermanentError
from evergreen.ledger.errors import LedgerUnavailable
from evergreen.loop.claims import give_back
from evergreen.loop.facts import gather
from evergreen.loop.instance import Instance
from evergreen.retraining import decide


def test_promise_9_a_training_that_breaks_off_has_cost_and_is_waited_for(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, use_case = ingest(instance, "toy", "night-1", NIGHTS[0]), instance.use_case("toy")
    run = Going(instance, "toy", "train", "night-1", params={"by_hand": True})
    run.step("snapshot")
    before = gather(instance, use_case, version, version.data_time)
    assert (before.tried_at, before.failed_at) == (None, None)

    def search(*_: object, **__: object) -> None:
        raise PermanentError("no candidate")

    monkeypatch.setattr("evergreen.training.search.search.search", search)
    with pytest.raises(PermanentError, match="no candidate"):
        run.step("search")
    give_back(instance, "toy", "night-1")
    facts = gather(instance, use_case, version, version.data_time)
    assert facts.spent > before.spent
    assert (facts.tried_at, facts.failed_at, facts.expected_cost) == (NIGHTS[0], NIGHTS[0], None)
    soon = decide(use_case, facts, as_of=NIGHTS[1] - timedelta(hours=1))
    assert not soon.retrain
    assert "A training failed 23h ago" in soon.reasons[-1].text
    assert decide(use_case, facts, as_of=NIGHTS[1]).retrain, "the next night, since there is no release"


def test_what_broke_a_step_off_is_told_and_not_that_its_end_could_not_be_noted(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Going(instance, "toy", "ingest", "night-1", NIGHTS[0])
    run.step("begin")

    def broken(*_: object, **__: object) -> None:
        raise LedgerUnavailable("gone")

    def extract(*_: object, **__: object) -> None:
        monkeypatch.setattr("evergreen.loop.perform.end_step", broken)
        raise PermanentError("no such file")

    monkeypatch.setattr("evergreen.ingest.extract", extract)
    with pytest.raises(PermanentError, match="no such file"):
        run.step("extract")
