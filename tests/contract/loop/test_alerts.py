"""When an alert is due, that it is told once, and that nobody's deafness stops a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from structlog.testing import capture_logs
from tests.receiver import Receiver
from tests.rounds import Going

from evergreen.artifacts import BentoRef, DatasetVersion, ModelVersion
from evergreen.ledger.alerts import Alert, newest_alerts
from evergreen.ledger.items import add_item, claim_item, close_item
from evergreen.ledger.records import record_publish, set_hold
from evergreen.ledger.releases import activate, add_release
from evergreen.loop.alerts import alert_of_deadline, alert_of_missing, describe_alerts, raise_alert
from evergreen.loop.claims import refuse_if_held
from evergreen.loop.errors import Held, NothingToDo
from evergreen.loop.instance import Instance

NIGHT = datetime(2024, 1, 31, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALERT = Alert("toy", "late", "one", "toy: late; look at toy.score", NIGHT)


def told(instance: Instance) -> list[tuple[str, str]]:
    with instance.ledger() as db:
        return [(alert.kind, alert.key) for alert in reversed(newest_alerts(db, "toy", 99))]


def publish(instance: Instance, number: int, data_time: datetime) -> None:
    """A version as the ledger notes it, and what it opens."""
    version = DatasetVersion(use_case="toy", number=number, commit="0" * 40, tree="1" * 32, rows=1, data_time=data_time)
    with instance.ledger() as db:
        record_publish(db, version)
        add_item(db, "toy", "score", version.name, data_time, {})


def release(instance: Instance, data_time: datetime = NIGHT - 9 * DAY) -> None:
    model = ModelVersion(
        use_case="toy", version=1, run_id="r", uri="models:/toy", sha256="0" * 64, dataset_version=1, candidate="x",
        seed=0, trained_before=None,
    )  # fmt: skip
    bento = BentoRef(use_case="toy", tag="toy:1", path=Path("x"), sha256="1" * 64, model_version=1)
    with instance.ledger() as db:
        add_release(db, "toy", model, bento)
        activate(db, "toy", 1, after=0, why="gate", run_id="a", data_time=data_time)


def score(instance: Instance) -> datetime:
    """Close the newest open item; when that was, in real time."""
    with instance.ledger() as db:
        item = claim_item(db, "toy", "score", "s", lease=HOUR, newest=True)
        assert item is not None
        close_item(db, item.id, "s", "1 row")
    return datetime.now(UTC)


def test_an_alert_is_told_once_in_the_ledger_the_log_and_outside(instance: Instance, webhook: Receiver) -> None:
    with capture_logs() as logs:
        assert raise_alert(instance, ALERT)
        assert not raise_alert(instance, ALERT)
    assert told(instance) == [("late", "one")]
    assert [(entry["log_level"], entry["text"]) for entry in logs] == [("warning", ALERT.text)]
    body = {"text": ALERT.text, "use_case": "toy", "kind": "late", "key": "one", "data_time": NIGHT.isoformat()}
    assert webhook.got == [body]
    assert "2024-01-31 02:00Z  late  toy: late" in describe_alerts(instance, "toy")


@pytest.mark.parametrize("wrong", ["refused", "an answer of 500", "no address"])
def test_a_receiver_that_fails_stops_nothing_and_its_address_stays_secret(
    instance: Instance, webhook: Receiver, wrong: str
) -> None:
    webhook.status = 500
    url = {"refused": "http://127.0.0.1:9/secret-path", "no address": "secret-path"}.get(wrong, webhook.url)
    deaf = replace(instance, settings=instance.settings.model_copy(update={"alert_url": SecretStr(url)}))
    with capture_logs() as logs:
        assert raise_alert(deaf, ALERT)
    deaf.engine.dispose()
    assert told(instance) == [("late", "one")]
    assert "not delivered" in logs[-1]["event"]
    assert "secret-path" not in str(logs)
    webhook.status, webhook.got = 200, []
    for _ in range(2):
        assert not raise_alert(instance, ALERT), "told already, and now heard, once"
    assert [body["key"] for body in webhook.got] == ["one"]


def test_an_alert_that_is_refused_keeps_no_other_from_being_heard_and_waits_for_the_next_look(
    instance: Instance, webhook: Receiver
) -> None:
    webhook.status = 502
    for key in ("one", "two"):
        raise_alert(instance, replace(ALERT, key=key))
    assert [body["key"] for body in webhook.got] == ["one", "one", "two"]
    webhook.status, webhook.got = 200, []
    for _ in range(2):
        with pytest.raises(NothingToDo):
            Going(instance, "toy", "monitor", "night").step("measure")
    assert [body["key"] for body in webhook.got] == ["one", "two"]


def test_an_alert_that_nobody_took_for_days_is_posted_no_more(instance: Instance, webhook: Receiver) -> None:
    webhook.status = 502
    raise_alert(instance, ALERT)
    with instance.ledger() as db:
        db.execute(text("update evergreen.alert_posts set created_at = created_at - interval '73 hours'"))
    raise_alert(instance, ALERT)
    assert len(webhook.got) == 1


def test_without_an_address_nothing_is_posted(instance: Instance, webhook: Receiver) -> None:
    quiet = replace(instance, settings=instance.settings.model_copy(update={"alert_url": None}))
    assert raise_alert(quiet, ALERT)
    quiet.engine.dispose()
    raise_alert(instance, ALERT)
    assert webhook.got == [], "an address set later hears of what comes from then on"


def test_promise_8_a_held_night_is_an_alert_once_a_night(instance: Instance, webhook: Receiver) -> None:
    with instance.ledger() as db:
        set_hold(db, "toy", ("ingest", "deploy"), "data rolled back to v1 as v2", "r", held=True)
    publish(instance, 2, NIGHT)
    for night in (NIGHT + DAY, NIGHT + DAY, NIGHT + DAY + 3 * HOUR, NIGHT + 2 * DAY):
        with pytest.raises(Held):
            refuse_if_held(instance, "toy", "ingest", night)
    for _ in range(2):
        with pytest.raises(Held):
            refuse_if_held(instance, "toy", "deploy")
    refuse_if_held(instance, "toy", "retrain")
    assert told(instance) == [
        ("held", "deploy 2024-01-31"),
        ("held", "ingest 2024-02-01"),
        ("held", "ingest 2024-02-02"),
    ]
    assert all("evergreen resume toy" in body["text"] for body in webhook.got)


def test_a_missed_deadline_is_an_alert_once_a_data_time(instance: Instance) -> None:
    publish(instance, 1, NIGHT)
    soon = datetime.now(UTC) + HOUR
    assert not alert_of_deadline(instance, "toy", soon), "there is no release that could predict"
    release(instance)
    assert alert_of_deadline(instance, "toy", soon)
    assert not alert_of_deadline(instance, "toy", soon), "another run over the same version"
    publish(instance, 2, NIGHT + DAY)
    assert alert_of_deadline(instance, "toy", soon)
    assert told(instance) == [("late", "2024-01-31T02:00Z"), ("late", "2024-02-01T02:00Z")]


def test_predictions_that_another_run_had_there_in_time_are_not_late(instance: Instance) -> None:
    release(instance)
    publish(instance, 1, NIGHT)
    there = score(instance)
    assert not alert_of_deadline(instance, "toy", there + HOUR)
    assert alert_of_deadline(instance, "toy", there - HOUR), "they came, but after the deadline"


def test_a_night_without_a_version_is_an_alert_by_data_time(instance: Instance) -> None:
    publish(instance, 1, NIGHT)
    assert not alert_of_missing(instance, instance.use_case("toy"), NIGHT + 2 * DAY), (
        "nothing ever predicted, nothing is missed"
    )
    release(instance, NIGHT)
    score(instance)
    assert not alert_of_missing(instance, instance.use_case("toy"), NIGHT + 2 * HOUR), "all is there"
    tonight = NIGHT + DAY
    assert not alert_of_missing(instance, instance.use_case("toy"), tonight + HOUR - timedelta(seconds=1)), (
        "not due yet"
    )
    assert alert_of_missing(instance, instance.use_case("toy"), tonight + HOUR)
    assert not alert_of_missing(instance, instance.use_case("toy"), tonight + 2 * HOUR), "once a night"
    assert told(instance) == [("late", "2024-02-01T02:00Z")]
    assert "as of 2024-01-31 02:00Z" in describe_alerts(instance, "toy")
    assert "toy.ingest: no dataset version came" in describe_alerts(instance, "toy")


def test_a_version_that_woke_no_scoring_is_said_to_be_one(instance: Instance) -> None:
    release(instance)
    publish(instance, 1, NIGHT)
    assert alert_of_missing(instance, instance.use_case("toy"), NIGHT + 2 * HOUR)
    assert "toy.score" in describe_alerts(instance, "toy")
    assert "no dataset version" not in describe_alerts(instance, "toy")


def test_late_and_missing_are_one_alert_a_night(instance: Instance) -> None:
    release(instance)
    publish(instance, 1, NIGHT)
    assert alert_of_deadline(instance, "toy", datetime.now(UTC))
    assert not alert_of_missing(instance, instance.use_case("toy"), NIGHT + 2 * HOUR)


def test_a_held_ingest_is_no_missing_night(instance: Instance) -> None:
    release(instance)
    with instance.ledger() as db:
        set_hold(db, "toy", ("ingest",), "rolled back", "r", held=True)
    assert not alert_of_missing(instance, instance.use_case("toy"), NIGHT + 2 * HOUR)


def test_before_the_first_release_has_seen_a_night_nothing_is_missing(instance: Instance) -> None:
    publish(instance, 1, NIGHT)
    release(instance, NIGHT)
    assert not alert_of_missing(instance, instance.use_case("toy"), NIGHT + 2 * HOUR)
