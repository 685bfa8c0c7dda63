"""What a training that breaks off leaves: what it cost, and a cooldown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.faults.toy import NIGHTS

from evergreen.errors import PermanentError
from evergreen.loop import train
from evergreen.loop.claims import give_back
from evergreen.loop.costs import costed
from evergreen.loop.facts import gather
from evergreen.loop.ingest import ingest
from evergreen.loop.instance import Instance
from evergreen.retraining import decide


def test_promise_9_a_training_that_breaks_off_has_cost_and_is_waited_for(instance: Instance) -> None:
    version, use_case = ingest(instance, "toy", "night-1", NIGHTS[0]), instance.use_case("toy")
    run = train.plan(instance, "toy", "night-1", by_hand=True)
    before = gather(instance, use_case, version, run.as_of)
    assert (before.spent, before.tried_at, before.failed_at) == (timedelta(0), None, None)
    with (
        pytest.raises(PermanentError, match="no candidate"),
        costed(instance, "toy", "train", f"{run.key}/search-0", run.as_of),
    ):
        raise PermanentError("no candidate")
    give_back(instance, "toy", "night-1")
    facts = gather(instance, use_case, version, run.as_of)
    assert facts.spent > timedelta(0)
    assert (facts.tried_at, facts.failed_at, facts.expected_cost) == (NIGHTS[0], NIGHTS[0], None)
    soon = decide(use_case, facts, as_of=NIGHTS[1] - timedelta(hours=1))
    assert not soon.retrain
    assert "23h since a training failed" in soon.reasons[-1].text
    assert decide(use_case, facts, as_of=NIGHTS[1]).retrain, "the next night, since there is no release"


def test_what_broke_a_step_off_is_told_and_not_that_its_cost_could_not_be_kept(instance: Instance) -> None:
    broken = Instance(
        instance.settings,
        database_url="postgresql+psycopg2://evergreen:x@127.0.0.1:9/evergreen",
        mlflow_uri="",
        optuna_url="",
        connect=instance.connect,
        pseudonym_key=b"key",
    )
    with pytest.raises(PermanentError, match="no candidate"), costed(broken, "toy", "train", "toy-1/gate", NIGHTS[0]):
        raise PermanentError("no candidate")
