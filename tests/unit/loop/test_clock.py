"""Data time: given, from the clock, or as the door says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from evergreen.errors import PermanentError, TransientError
from evergreen.loop.clock import data_time, parse_time

OTHERWISE = datetime(2020, 5, 1, 2, 0, 0, 123, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"now": "2013-03-01T02:00:00Z"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/clock"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_given_time_comes_before_the_clock(clock: str) -> None:
    assert data_time(clock, given="2013-04-01", otherwise=OTHERWISE) == datetime(2013, 4, 1, tzinfo=UTC)


def test_the_clock_comes_before_the_interval(clock: str) -> None:
    assert data_time(clock, otherwise=OTHERWISE) == datetime(2013, 3, 1, 2, tzinfo=UTC)


def test_without_a_clock_the_door_says_and_fractions_are_dropped() -> None:
    assert data_time(None, otherwise=OTHERWISE) == OTHERWISE.replace(microsecond=0)


def test_a_clock_that_is_silent_may_answer_later() -> None:
    with pytest.raises(TransientError, match="EVERGREEN_CLOCK"):
        data_time("http://127.0.0.1:9/clock", otherwise=OTHERWISE)


@pytest.mark.parametrize("text", ["2013-03-01T02:00:00Z", "2013-03-01T03:00:00+01:00", "2013-03-01T02:00"])
def test_times_are_utc_however_they_are_written(text: str) -> None:
    assert parse_time(text) == datetime(2013, 3, 1, 2, tzinfo=UTC)


def test_what_is_no_time_is_said_with_an_example() -> None:
    with pytest.raises(PermanentError, match="2013-03-01"):
        parse_time("last tuesday")
