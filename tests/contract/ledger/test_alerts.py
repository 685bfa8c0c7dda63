"""Alerts are told once a key, and an instance of before there were any gets their table by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from evergreen.ledger.alerts import (
    Alert,
    AlertKind,
    newest_alerts,
    note_delivered,
    queue_post,
    record_alert,
    standing_alerts,
    take_post,
    waiting_posts,
)
from evergreen.ledger.items import Kind, add_item, claim_item, close_item, newest_done, newest_item
from evergreen.ledger.open import begin

NIGHT = datetime(2013, 3, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def alert(night: int, kind: AlertKind = "late", use_case: str = "toy") -> Alert:
    return Alert(use_case, kind, f"night {night}", f"{kind} in night {night}", NIGHT + night * DAY)


def score(db: Connection, night: int, kind: Kind = "score") -> None:
    add_item(db, "toy", kind, f"toy@v{night}", NIGHT + night * DAY, {})
    item = claim_item(db, "toy", kind, f"run-{night}", lease=DAY, newest=True)
    assert item is not None
    close_item(db, item.id, f"run-{night}", "done")


def test_a_key_is_told_once_a_use_case_and_kind(engine: Engine) -> None:
    with begin(engine) as db:
        assert record_alert(db, alert(1))
        assert not record_alert(db, alert(1)), "a retry"
        assert record_alert(db, alert(1, "held"))
        assert record_alert(db, alert(1, use_case="other"))
        assert record_alert(db, alert(2))
        assert newest_alerts(db, "toy", 9) == [alert(2), alert(1, "held"), alert(1)]
        assert newest_alerts(db, "toy", 1) == [alert(2)]


def test_an_alert_stands_until_data_of_a_later_time_are_scored(engine: Engine) -> None:
    with begin(engine) as db:
        for night in (1, 2):
            record_alert(db, alert(night))
        assert standing_alerts(db, "toy", 9) == [alert(2), alert(1)], "nothing was scored yet"
        score(db, 2)
        assert standing_alerts(db, "toy", 9) == [alert(2)], "late predictions were late, still"
        add_item(db, "toy", "score", "toy@v3", NIGHT + 3 * DAY, {})
        score(db, 3, "monitor")
        assert standing_alerts(db, "toy", 9) == [alert(2)], "the next night is not scored yet"
        score(db, 4)
        assert standing_alerts(db, "toy", 9) == []


def test_a_post_is_one_process_at_a_time_and_over_when_delivered(engine: Engine) -> None:
    with begin(engine) as db:
        for night in (1, 2):
            record_alert(db, alert(night))
            queue_post(db, alert(night))
        record_alert(db, alert(3))
    with begin(engine) as db, begin(engine) as other:
        assert waiting_posts(db, "toy", DAY) == [alert(1), alert(2)]
        assert take_post(db, alert(1))
        assert not take_post(other, alert(1)), "another is at it"
        assert take_post(other, alert(2))
        note_delivered(db, alert(1))
    with begin(engine) as db:
        assert waiting_posts(db, "toy", DAY) == [alert(2)]
        assert not take_post(db, alert(1)), "delivered"
        assert waiting_posts(db, "other", DAY) == []


def test_the_newest_item_and_the_newest_that_was_done(engine: Engine) -> None:
    with begin(engine) as db:
        assert newest_item(db, "toy", "score") is None
        score(db, 1)
        add_item(db, "toy", "score", "toy@v2", NIGHT + 2 * DAY, {})
        newest, done = newest_item(db, "toy", "score"), newest_done(db, "toy", "score")
    assert newest is not None
    assert (newest.subject, newest.closed_at) == ("toy@v2", None)
    assert done is not None
    assert (done.subject, done.closed_at is not None) == ("toy@v1", True)
