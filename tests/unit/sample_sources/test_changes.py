from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sample_sources.changes import (
    CAPTAINS_A_DAY,
    SEATS_A_DAY,
    PlaneChange,
    changes_between,
    first_update,
    newest_values,
)
from sample_sources.people import captain
from sample_sources.times import FIRST_MOMENT

SEATS = {f"N{number}": 2 + number for number in range(9)}
"""A fleet so small that the same plane changes often."""


@given(
    st.lists(st.integers(0, 20 * 86_400), min_size=2, max_size=6).map(sorted),
    st.integers(0, 5),
)
def test_many_small_steps_bring_the_same_changes_as_one_large_step(seconds, seed):
    moments = [FIRST_MOMENT + timedelta(seconds=second) for second in seconds]
    steps = [changes_between(seed, SEATS, *pair) for pair in pairwise(moments)]
    in_one = changes_between(seed, SEATS, moments[0], moments[-1])
    assert [change for step in steps for change in step] == in_one
    folded_in_steps = newest_values(change for step in steps for change in newest_values(step))
    assert sorted(newest_values(in_one), key=repr) == sorted(folded_in_steps, key=repr)


def test_a_day_brings_a_handful_of_changes_within_it():
    start = datetime(2013, 3, 5, tzinfo=UTC)
    changes = changes_between(1, SEATS, start - timedelta(seconds=1), start + timedelta(days=1, seconds=-1))
    assert len(changes) == CAPTAINS_A_DAY + SEATS_A_DAY
    assert {change.at.date() for change in changes} == {start.date()}
    assert sum(change.seats is not None for change in changes) == SEATS_A_DAY
    assert all(change.captain_email is None or change.seats is None for change in changes)


def test_a_seat_count_is_corrected_to_another_possible_one():
    changes = changes_between(3, SEATS, FIRST_MOMENT, FIRST_MOMENT + timedelta(days=60))
    corrected = [change for change in changes if change.seats is not None]
    assert all(change.seats >= 1 and change.seats != SEATS[change.tail_number] for change in corrected)
    assert {change.seats > SEATS[change.tail_number] for change in corrected} == {True, False}


def test_the_newest_value_of_each_field_wins():
    at = FIRST_MOMENT
    changes = [
        PlaneChange("N1", at, seats=3),
        PlaneChange("N1", at + timedelta(hours=1), captain_name="A", captain_email="a@example.com"),
        PlaneChange("N2", at + timedelta(hours=2), seats=5),
        PlaneChange("N1", at + timedelta(hours=3), seats=4),
        PlaneChange("N1", at + timedelta(hours=4), captain_name="B", captain_email="b@example.com"),
    ]
    assert newest_values(changes) == [
        PlaneChange("N1", at + timedelta(hours=4), "B", "b@example.com", 4),
        PlaneChange("N2", at + timedelta(hours=2), seats=5),
    ]


def test_the_first_update_is_before_the_data_begin():
    moments = [first_update(1, f"planes/{number}") for number in range(300)]
    assert max(moments) < FIRST_MOMENT
    assert min(moments) >= FIRST_MOMENT - timedelta(days=31)
    assert len(set(moments)) > 290


def test_captains_are_invented_with_addresses_that_reach_nobody():
    for number in range(300):
        name, email = captain(f"N{number}", "2013-03-01")
        assert re.fullmatch(rf"[a-z.-]+\.n{number}@example\.com", email)
        assert name.lower().replace(" ", ".") in email
        assert (name, email) == captain(f"N{number}", "2013-03-01")
