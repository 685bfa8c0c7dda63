"""Which rows of a gate window a champion has surely not learned from."""

from __future__ import annotations

from datetime import timedelta

from tests.unit.training.tables import START, hashed, hashed_rows, timed, timed_rows

from evergreen.artifacts import KeptApart
from evergreen.training.split.holdout import held_out, kept_apart, unseen


def test_by_time_what_is_later_than_its_own_window_began() -> None:
    start = START + timedelta(days=9)
    apart = kept_apart(timed(), start)
    assert apart == KeptApart(before=start)
    rows = timed_rows(300)
    assert unseen(rows, apart).to_list() == (rows["_at"] > start).to_list()


def test_by_hash_its_own_holdout_whatever_the_split_is_now() -> None:
    rows, before = hashed_rows(400), hashed(split="test: 0.2")
    assert unseen(rows, kept_apart(before, None)).to_list() == held_out(rows, before).to_list()
    wider = rows.filter(held_out(rows, hashed(split="test: 0.3")))
    common = unseen(wider, kept_apart(before, None))
    assert 0 < common.sum() < wider.height, "the champion has learned from a third of the wider window"


def test_nothing_is_surely_unseen_where_the_column_of_its_groups_is_gone() -> None:
    assert not unseen(hashed_rows(50), KeptApart(share=0.2, columns=("customer",))).any()
