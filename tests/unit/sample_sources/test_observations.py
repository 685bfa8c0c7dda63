from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sample_sources.errors import BadRequestError
from sample_sources.observations import Observations, Query, read_cursor, write_cursor

START = datetime(2013, 3, 1, tzinfo=UTC)
ORIGINS = ("EWR", "JFK", "LGA")
ROWS = [(origin, START + timedelta(hours=hour), 40.0, None, *[1.0] * 7) for hour in range(10) for origin in ORIGINS]
LATER = START + timedelta(days=9)


@pytest.fixture
def observations():
    return Observations(ROWS)


def hours(rows):
    return [int(row["observed_at"][11:13]) for row in rows]


def test_a_row_is_named_values_with_nulls(observations):
    (row,), _ = observations.page(Query(limit=1), LATER)
    assert row["origin"] == "EWR"
    assert row["observed_at"] == "2013-03-01T00:00:00Z"
    assert (row["temp"], row["dewp"]) == (40.0, None)


def test_an_observation_exists_from_one_hour_after_it(observations):
    assert observations.page(Query(), START + timedelta(minutes=59)) == ([], None)
    rows, following = observations.page(Query(), START + timedelta(hours=1))
    assert [row["origin"] for row in rows] == list(ORIGINS)
    assert following is None


def test_since_is_inclusive_and_until_exclusive(observations):
    query = Query(since=START + timedelta(hours=2), until=START + timedelta(hours=4))
    rows, following = observations.page(query, LATER)
    assert hours(rows) == [2, 2, 2, 3, 3, 3]
    assert following is None
    empty = Query(since=START + timedelta(hours=4), until=START + timedelta(hours=2))
    assert observations.page(empty, LATER) == ([], None)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 24, 30, 31])
def test_pages_give_every_row_once_in_order(observations, limit):
    seen, after = [], None
    while True:
        rows, following = observations.page(Query(after=after, limit=limit), LATER)
        assert 0 < len(rows) <= limit
        seen += [(row["observed_at"], row["origin"]) for row in rows]
        if following is None:
            break
        after = read_cursor(following)
    assert len(seen) == len(ROWS)
    assert seen == sorted(set(seen))


def test_rows_that_appear_between_two_pages_neither_shift_nor_repeat_any(observations):
    first, following = observations.page(Query(limit=4), START + timedelta(hours=2))
    second, _ = observations.page(Query(after=read_cursor(following)), START + timedelta(hours=3))
    assert hours(first + second) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_a_cursor_comes_back_as_it_went():
    assert read_cursor(write_cursor((START, "JFK"))) == (START, "JFK")


@pytest.mark.parametrize("text", ["", "x", "bm90IGpzb24=", "MQ==", "WzEsIDJd", "W10=", "bnVsbA==", "é", "////"])
def test_a_foreign_cursor_is_refused(text):
    with pytest.raises(BadRequestError, match="send back `next` unchanged"):
        read_cursor(text)
