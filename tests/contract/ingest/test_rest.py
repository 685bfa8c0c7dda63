from __future__ import annotations

import json
import socket
from datetime import UTC, datetime

import pytest
from tests.contract.ingest.conftest import page

from evergreen.errors import PermanentError, TransientError
from evergreen.ingest import SchemaChanged, SourceRefused, check_online

PAGED = {"type": "rest", "connection": "weather_api", "endpoint": "/rows", "paginate": "cursor", "page_size": 2}
BY = PAGED | {"incremental": {"by": "at", "lookback": "6h"}}
A, B, C = ({"id": name, "y": n, "at": f"2013-03-01T0{n}:00:00Z"} for n, name in enumerate("abc"))


def test_pages_are_followed_with_limit_and_key(place, use_case, api, read):
    api.answers = [page([A, B], "p2"), page([C])]
    batch = place.take(use_case(PAGED), connect=api.connect)
    assert [row["id"] for row in read(batch)] == ["a", "b", "c"]
    assert api.asked == [{"limit": "2"}, {"limit": "2", "cursor": "p2"}]
    assert {headers["X-API-Key"] for headers in api.headers} == {"the-api-secret"}
    assert batch.cursor == {}


def test_the_window_goes_from_the_last_row_less_the_lookback_to_the_data_time(place, use_case, api, read):
    future = {"id": "z", "y": 1, "at": "2013-03-01T02:00:01Z"}
    api.answers = [page([A, B, C, future]), page([C])]
    first = place.take(use_case(BY), connect=api.connect)
    assert [row["id"] for row in read(first)] == ["a", "b", "c"]
    assert read(first)[2]["at"] == datetime(2013, 3, 1, 2, tzinfo=UTC)
    assert first.cursor == {"by": "2013-03-01T02:00:00Z"}
    place.take(use_case(BY), connect=api.connect, as_of=datetime(2013, 3, 2, 2, tzinfo=UTC))
    assert api.asked == [
        {"limit": "2", "until": "2013-03-01T02:00:00Z"},
        {"limit": "2", "since": "2013-02-28T20:00:00Z", "until": "2013-03-02T02:00:00Z"},
    ]


def test_a_window_by_hand_ends_earlier(place, use_case, api, read):
    api.answers = [page([A, B, C])]
    batch = place.take(use_case(BY), connect=api.connect, until=datetime(2013, 3, 1, 1, tzinfo=UTC))
    assert [row["id"] for row in read(batch)] == ["a", "b"]
    assert batch.cursor == {"by": "2013-03-01T01:00:00Z"}


def test_no_rows_keep_the_cursor(place, use_case, api):
    place.cursor = {"by": "2013-03-01T01:00:00Z"}
    api.answers = [page([])]
    batch = place.take(use_case(BY), connect=api.connect)
    assert (batch.rows, batch.cursor) == (0, {"by": "2013-03-01T01:00:00Z"})


@pytest.mark.parametrize("repeats", [[A, B], [B, C], [B, {**A, "y": 0}, A]])
def test_pages_that_repeat_or_shift_bring_no_row_twice(place, use_case, api, read, repeats):
    api.answers = [page([A, B], "p2"), page(repeats, "p3"), page([C])]
    batch = place.take(use_case(PAGED), connect=api.connect)
    assert sorted(row["id"] for row in read(batch)) == ["a", "b", "c"]


def test_a_token_that_comes_back_ends_in_an_error_not_for_ever(place, use_case, api):
    api.answers = [page([A], "p2"), page([B], "p3"), page([C], "p2")]
    with pytest.raises(SourceRefused, match="names as the next one a page that was there already"):
        place.take(use_case(PAGED), connect=api.connect)


def test_a_busy_server_is_waited_for_as_it_asks(place, use_case, api):
    date = {"Date": "Fri, 01 Mar 2013 02:00:00 GMT", "Retry-After": "Fri, 01 Mar 2013 02:00:07 GMT"}
    api.answers = [(429, {"Retry-After": "3"}, b""), (503, date, b""), (500, {}, b""), None, page([A])]
    assert place.take(use_case(PAGED), connect=api.connect).rows == 1
    assert place.pauses == [3.0, 7.0, 2.0, 4.0]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_stays_down_is_transient_after_a_bounded_wait(place, use_case, api, status):
    api.answer = lambda _: (status, {}, b"")
    with pytest.raises(
        TransientError, match=rf"GET /rows of connection `weather_api`: status {status} after 6 attempts"
    ):
        place.take(use_case(PAGED), connect=api.connect)
    assert len(api.asked) == 6
    assert sum(place.pauses) <= 120


def test_a_wait_beyond_the_bound_is_told_and_not_waited(place, use_case, api):
    api.answer = lambda _: (429, {"Retry-After": "3600"}, b"")
    with pytest.raises(TransientError, match="after 1 attempts; it asks to wait 3600 s"):
        place.take(use_case(PAGED), connect=api.connect)
    assert place.pauses == []


def test_a_server_that_cuts_the_line_in_mid_answer_is_transient(place, use_case, api):
    api.answer = lambda _: (200, {"Content-Length": "1000"}, b'{"data": [')
    with pytest.raises(TransientError, match=r"no answer .RemoteProtocolError. after 6 attempts"):
        place.take(use_case(PAGED), connect=api.connect)


def test_a_server_that_is_not_there_is_transient(place, use_case, api):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        api.port, real = free.getsockname()[1], api.port
        with pytest.raises(TransientError, match=r"no answer .ConnectError. after 6 attempts"):
            place.take(use_case(PAGED), connect=api.connect)
        api.port = real


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_names_the_connection_and_not_the_key(place, use_case, api, status):
    api.answer = lambda _: (status, {}, b'{"error": "the-api-secret"}')
    with pytest.raises(PermanentError) as told:
        place.take(use_case(PAGED), connect=api.connect)
    assert f"the key of connection `weather_api` was refused (status {status})" in str(told.value)
    assert "Admin > Connections > weather_api" in str(told.value)
    assert "the-api-secret" not in str(told.value)
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {}, b"<html>secret-value"), "the answer is not JSON"),
        ((200, {}, b'"secret-value"'), "the answer is not a JSON object"),
        ((200, {}, b'{"dat": [1]}'), "the answer has no `data` .did you mean `dat`.*sources.rows.records"),
        ((200, {}, b'{"data": {}}'), "`data` of the answer is not a list"),
        ((200, {}, b'{"data": [1, {}]}'), "1 rows are not JSON objects, the first is row 1"),
        ((200, {}, b'{"data": [], "next": [1]}'), "`next` of the answer is neither"),
        ((302, {"Location": "http://127.0.0.1:9/"}, b""), "status 302 where 200 is wanted"),
        ((404, {}, b"secret-value"), "status 404 where 200 is wanted. Check `endpoint`"),
    ],
)
def test_an_answer_of_another_form_says_what_is_wrong_without_its_values(place, use_case, api, answer, said):
    api.answers = [answer]
    with pytest.raises(SourceRefused, match=said) as told:
        place.take(use_case(PAGED), connect=api.connect)
    assert "secret-value" not in str(told.value)


def test_rows_that_do_not_fit_are_set_aside(place, use_case, api, read, broken):
    place.columns = {"y": "Int64"}
    api.answers = [page([A, {**B, "y": "secret-value"}], "p2"), page([{**C, "at": None}, {**C, "at": "soon"}, C])]
    batch = place.take(use_case(BY), connect=api.connect)
    assert [row["id"] for row in read(batch)] == ["a", "c"]
    assert broken(batch) == [
        ("/rows", 2, "column `y` holds a value that is not a whole number"),
        ("/rows", 3, "column `at` is empty, so the row has no place in time"),
        ("/rows", 4, "column `at` holds a value that is not a time"),
    ]


def test_pages_of_different_types_come_together(place, use_case, api, read):
    api.answers = [
        page([{"id": 1, "y": 1, "n": None}, {"id": 2, "y": 2.5, "n": None}], "p2"),
        page([{"id": 3, "y": 4, "n": True, "new": "x"}]),
    ]
    rows = read(place.take(use_case(PAGED), connect=api.connect))
    assert [(row["id"], row["y"], row["n"], row["new"]) for row in rows] == [
        (1, 1.0, None, None), (2, 2.5, None, None), (3, 4.0, True, "x"),
    ]  # fmt: skip


def test_an_answer_without_pages_may_be_a_bare_list(place, use_case, api):
    plain = {"type": "rest", "connection": "weather_api", "endpoint": "rows", "params": {"kind": "x", "n": 2}}
    api.answers = [(200, {}, json.dumps([A]).encode())]
    assert place.take(use_case(plain), connect=api.connect).rows == 1
    assert api.asked == [{"kind": "x", "n": "2"}]


def test_a_column_that_is_gone_is_told(place, use_case, api):
    api.answers = [page([{"id": "a", "y": 1}])]
    with pytest.raises(SchemaChanged, match=r"no column `at`, which `sources\.rows\.incremental` names"):
        place.take(use_case(BY), connect=api.connect)


def test_check_online_looks_at_one_row(place, use_case, api):
    api.answers = [page([{"id": "a", "y": 1}])]
    told = check_online(use_case(BY), api.connect, place.landing, place.root)
    assert [sentence.split(",")[0] for sentence in told] == ["demo.rows: there is no column `at`"]
    assert api.asked == [{"limit": "1"}]
