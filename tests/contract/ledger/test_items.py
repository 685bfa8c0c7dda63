"""Assets wake, the ledger decides: items are leased, taken up again, superseded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from evergreen.ledger.items import (
    add_item,
    claim_item,
    close_item,
    close_open_items,
    keep_item,
    open_items,
    return_leases,
)
from evergreen.ledger.open import begin
from evergreen.ledger.records import exclude_rows, excluded_rows, hold_on, set_hold

NIGHT = datetime(2013, 3, 1, 2, tzinfo=UTC)
LEASE = timedelta(hours=1)


def nights(engine: Engine, count: int) -> None:
    with begin(engine) as db:
        for night in range(count):
            add_item(db, "toy", "monitor", f"toy@v{night + 1}", NIGHT + timedelta(days=night), {"n": night + 1})


def test_a_doubled_event_opens_one_item(engine: Engine) -> None:
    with begin(engine) as db:
        assert add_item(db, "toy", "train", "toy@v1", NIGHT, {})
        assert not add_item(db, "toy", "train", "toy@v1", NIGHT, {})
        assert len(open_items(db, "toy")) == 1


def test_the_oldest_is_claimed_and_a_second_run_finds_the_next(engine: Engine) -> None:
    nights(engine, 2)
    with begin(engine) as db:
        first = claim_item(db, "toy", "monitor", "a", lease=LEASE, newest=False)
    with begin(engine) as db:
        again = claim_item(db, "toy", "monitor", "a", lease=LEASE, newest=False)
        other = claim_item(db, "toy", "monitor", "b", lease=LEASE, newest=False)
        none = claim_item(db, "toy", "monitor", "c", lease=LEASE, newest=False)
    assert first is not None
    assert again == first
    assert other is not None
    assert (first.subject, other.subject) == ("toy@v1", "toy@v2")
    assert none is None


def test_the_newest_is_claimed_and_older_ones_are_superseded(engine: Engine) -> None:
    nights(engine, 3)
    with begin(engine) as db:
        item = claim_item(db, "toy", "monitor", "a", lease=LEASE, newest=True)
        assert item is not None
        assert item.subject == "toy@v3"
        assert [i.subject for i in open_items(db, "toy")] == ["toy@v3"]


def test_a_lease_that_has_run_out_goes_to_the_next_run(engine: Engine) -> None:
    nights(engine, 1)
    with begin(engine) as db:
        claim_item(db, "toy", "monitor", "dead", lease=timedelta(0), newest=False)
    with begin(engine) as db:
        item = claim_item(db, "toy", "monitor", "next", lease=LEASE, newest=False)
        assert item is not None
        close_item(db, item.id, "dead", "too late")
        assert len(open_items(db, "toy")) == 1, "who lost the lease can't close the item"
        close_item(db, item.id, "next", "done")
        assert open_items(db, "toy") == []


def test_what_a_failed_run_gives_back_the_next_can_take(engine: Engine) -> None:
    nights(engine, 1)
    with begin(engine) as db:
        claim_item(db, "toy", "monitor", "failed", lease=LEASE, newest=False)
    with begin(engine) as db:
        assert claim_item(db, "toy", "monitor", "next", lease=LEASE, newest=False) is None
        assert return_leases(db, "toy", "failed") == 1
        assert claim_item(db, "toy", "monitor", "next", lease=LEASE, newest=False) is not None


def test_a_run_gives_back_what_it_has_of_its_own_use_case(engine: Engine) -> None:
    with begin(engine) as db:
        for name in ("toy", "other"):
            add_item(db, name, "train", "x", NIGHT, {})
            claim_item(db, name, "train", "run-T", lease=LEASE, newest=False)
        assert return_leases(db, "toy", "run-T") == 1
        assert claim_item(db, "toy", "train", "next", lease=LEASE, newest=False) is not None
        other = claim_item(db, "other", "train", "run-T", lease=LEASE, newest=False)
        assert other is not None
        assert claim_item(db, "other", "train", "next", lease=LEASE, newest=False) is None
        close_item(db, other.id, "run-T", "done")
        assert [i.use_case for i in open_items(db)] == ["toy"]


def test_an_item_is_kept_by_the_run_that_has_it_or_finds_it_free(engine: Engine) -> None:
    nights(engine, 1)
    with begin(engine) as db:
        item = claim_item(db, "toy", "monitor", "a", lease=LEASE, newest=False)
        assert item is not None
        assert keep_item(db, item.id, "a", timedelta(0))
        assert not keep_item(db, item.id, "b", LEASE)
    with begin(engine) as db:
        assert keep_item(db, item.id, "b", LEASE), "the lease of the other has run out"
        assert not keep_item(db, item.id, "a", LEASE)
        close_open_items(db, "toy", ("monitor",), "rolled back")
        assert not keep_item(db, item.id, "b", LEASE)


def test_what_a_run_failed_on_does_not_keep_newer_items_from_their_turn(engine: Engine) -> None:
    nights(engine, 2)
    with begin(engine) as db:
        claim_item(db, "toy", "monitor", "failed", lease=LEASE, newest=False)
        return_leases(db, "toy", "failed")
    with begin(engine) as db:
        next_turn = claim_item(db, "toy", "monitor", "next", lease=LEASE, newest=False)
        last_turn = claim_item(db, "toy", "monitor", "last", lease=LEASE, newest=False)
    assert next_turn is not None
    assert next_turn.subject == "toy@v2"
    assert last_turn is not None
    assert last_turn.subject == "toy@v1"


def test_closing_all_leaves_other_kinds_and_use_cases(engine: Engine) -> None:
    with begin(engine) as db:
        for name, kind in (("toy", "train"), ("toy", "deploy"), ("toy", "score"), ("other", "train")):
            add_item(db, name, kind, "x", NIGHT, {})
        assert close_open_items(db, "toy", ("train", "deploy"), "rolled back") == 2
        assert [(i.use_case, i.kind) for i in open_items(db)] == [("toy", "score"), ("other", "train")]


def test_holds_are_events_and_the_last_counts(engine: Engine) -> None:
    with begin(engine) as db:
        set_hold(db, "toy", ("ingest", "retrain"), "data rolled back to v3", "r1", held=True)
        set_hold(db, "toy", ("ingest",), "again", "r2", held=True)
        assert hold_on(db, "toy", "ingest") == "data rolled back to v3"
        assert hold_on(db, "toy", "deploy") is None
        set_hold(db, "toy", ("ingest", "retrain", "deploy"), "resumed", "r3", held=False)
        assert hold_on(db, "toy", "ingest") is None
        assert db.execute(text("select count(*) from evergreen.holds")).scalar_one() == 4


def test_exclusions_name_exact_rows(engine: Engine) -> None:
    with begin(engine) as db:
        exclude_rows(db, "toy", "orders", "b1", [("1", "h1"), ("2", "h2")], "broken")
        exclude_rows(db, "toy", "orders", "b1", [("1", "h1")], "again")
        assert excluded_rows(db, "toy", "orders") == {("1", "h1"), ("2", "h2")}
        assert excluded_rows(db, "toy", "customers") == set()
