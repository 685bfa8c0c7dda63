"""Data time: given, from the clock, or as the door says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from evergreen.connections import Connection
from evergreen.errors import PermanentError, TransientError
from evergreen.loop.clock import data_time, parse_time
from evergreen.loop.instance import Instance
from evergreen.settings import Settings

OTHERWISE = datetime(2020, 5, 1, 2, 0, 0, 123, tzinfo=UTC)
NOW = datetime(2020, 5, 1, 9, tzinfo=UTC)


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
    assert data_time(clock, given="2013-04-01", otherwise=OTHERWISE, now=NOW) == datetime(2013, 4, 1, tzinfo=UTC)


def test_the_clock_comes_before_the_interval(clock: str) -> None:
    assert data_time(clock, otherwise=OTHERWISE, now=NOW) == datetime(2013, 3, 1, 2, tzinfo=UTC)


def test_without_a_clock_the_door_says_and_fractions_are_dropped() -> None:
    assert data_time(None, otherwise=OTHERWISE, now=NOW) == OTHERWISE.replace(microsecond=0)


def test_only_a_use_case_that_says_so_lives_by_the_simulated_clock(tmp_path: Path) -> None:
    for name, schedule in (("own", "{}"), ("sample", "{clock: simulated}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "use_case.yaml").write_text(
            f"name: {name}\ntask: binary\nkey: [id]\ntarget: {{column: y}}\nschedule: {schedule}\n"
            "sources: {rows: {type: files, path: rows.csv, key: [id]}}\n"
        )
    instance = instance_of(Settings(use_cases=tmp_path, clock="http://127.0.0.1:9/clock"))
    assert instance.clock_of("own") is None
    assert instance.clock_of("sample") == "http://127.0.0.1:9/clock"
    assert instance_of(Settings(use_cases=tmp_path)).clock_of("sample") is None


def instance_of(settings: Settings) -> Instance:
    def connect(name: str) -> Connection:
        raise PermanentError(name)

    return Instance(settings, database_url="", mlflow_uri="", optuna_url="", connect=connect, pseudonym_key=b"")


def test_a_clock_that_is_silent_may_answer_later() -> None:
    with pytest.raises(TransientError, match="EVERGREEN_CLOCK"):
        data_time("http://127.0.0.1:9/clock", otherwise=OTHERWISE, now=NOW)


@pytest.mark.parametrize("text", ["2013-03-01T02:00:00Z", "2013-03-01T03:00:00+01:00", "2013-03-01T02:00"])
def test_times_are_utc_however_they_are_written(text: str) -> None:
    assert parse_time(text) == datetime(2013, 3, 1, 2, tzinfo=UTC)


def test_what_is_no_time_is_said_with_an_example() -> None:
    with pytest.raises(PermanentError, match="2013-03-01"):
        parse_time("last tuesday")


def test_a_time_that_has_not_come_is_refused_since_it_would_silence_every_night_before_it(clock: str) -> None:
    for given in ("2062-05-01", "2020-05-01T09:00:01Z"):
        with pytest.raises(PermanentError, match="lies in the future"):
            data_time(clock, given=given, otherwise=OTHERWISE, now=NOW)
    assert data_time(clock, given="2020-05-01T09:00:00Z", otherwise=OTHERWISE, now=NOW) == NOW


def test_airflows_form_and_the_command_line_refuse_a_time_that_has_not_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from argparse import Namespace
    from types import SimpleNamespace

    from evergreen.cli import run
    from evergreen.orchestration.door import data_time_of

    dag_run = SimpleNamespace(data_interval_end=OTHERWISE, logical_date=None, run_after=None)
    assert data_time_of({"dag_run": dag_run, "params": {"as_of": "2013-03-01"}}, None).year == 2013
    with pytest.raises(PermanentError, match="lies in the future"):
        data_time_of({"dag_run": dag_run, "params": {"as_of": "2962-03-01"}}, None)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "use_case.yaml").write_text(
        "name: own\ntask: binary\nkey: [id]\ntarget: {column: y}\n"
        "sources: {rows: {type: files, path: rows.csv, key: [id]}}\n"
    )
    monkeypatch.setattr(run, "open_instance", lambda: instance_of(Settings(use_cases=tmp_path)))
    with pytest.raises(PermanentError, match="lies in the future"):
        run._run(Namespace(use_case="own", as_of="2962-03-01", only=None))
