from __future__ import annotations

import pytest

from sample_sources.faults import Faults


def test_about_one_request_in_25_fails_in_both_ways_by_default():
    faults = Faults()
    statuses = [faults.next_status() for _ in range(5_000)]
    assert 150 <= statuses.count(429) + statuses.count(503) <= 250
    assert statuses.count(429) > 60
    assert statuses.count(503) > 60


def test_the_same_seed_fails_the_same_requests():
    first, again, other = Faults(0.2, 1), Faults(0.2, 1), Faults(0.2, 2)
    statuses = [first.next_status() for _ in range(200)]
    assert statuses == [again.next_status() for _ in range(200)]
    assert statuses != [other.next_status() for _ in range(200)]


def test_none_and_all():
    none, every = Faults(0), Faults(1)
    assert {none.next_status() for _ in range(500)} == {None}
    assert {every.next_status() for _ in range(500)} == {429, 503}


@pytest.mark.parametrize("rate", [-0.1, 1.1, 25, float("nan")])
def test_a_rate_is_a_share(rate):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Faults(rate)
