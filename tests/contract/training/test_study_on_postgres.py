"""Workers that share one study on a real PostgreSQL, and one of them killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError
from tests.unit.training.tables import START, timed, timed_rows, write

from evergreen.tasks import task_named
from evergreen.training.candidates import CANDIDATES
from evergreen.training.errors import StudyUnreachable
from evergreen.training.fit.winner import fit_winner
from evergreen.training.search import study as module
from evergreen.training.search.search import search
from evergreen.training.search.summary import SearchSummary
from evergreen.training.split.snapshot import snapshot

_WORKER = """
import sys, time
from datetime import timedelta
from evergreen.artifacts import Snapshot
from evergreen.spec import parse_use_case
from evergreen.training.search import study
study.HEARTBEAT, study.GRACE = 1, 3
from evergreen.training.trial.worker import Worker
if sys.argv[6] == "hang":
    Worker.judge = lambda *_: time.sleep(600)
from evergreen.training.search.search import search
from evergreen.spec import UseCase
use_case = UseCase.model_validate_json(open(sys.argv[1]).read())
made = Snapshot.model_validate_json(open(sys.argv[2]).read())
search(use_case, made, storage=sys.argv[3], study="s", worker=int(sys.argv[4]), workers=2, trials=int(sys.argv[5]),
       timeout=timedelta(minutes=5), seed=1, progress=lambda line: print(line, flush=True))
"""


@pytest.fixture
def begun(tmp_path: Path, database_url: str):
    """Start a worker process on the study of this test; whatever still runs at the end is stopped."""
    use_case = timed(candidates="logistic_regression")
    made = snapshot(
        use_case, write(timed_rows(300), tmp_path / "t"), as_of=START + timedelta(days=30), into=tmp_path / "s"
    )
    (tmp_path / "use_case.json").write_text(use_case.model_dump_json())
    (tmp_path / "snapshot.json").write_text(made.model_dump_json())
    started: list[subprocess.Popen[str]] = []

    def begin(worker: int, trials: int, how: str = "work") -> subprocess.Popen[str]:
        arguments = ["use_case.json", "snapshot.json", database_url, str(worker), str(trials), how]
        include = str(Path(__file__).resolve().parents[3] / "include")
        process = subprocess.Popen(
            [sys.executable, "-c", _WORKER, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": include, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        started.append(process)
        return process

    yield begin, use_case, made, database_url
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def states(url: str) -> list[str]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [row[0] for row in connection.execute(text("select state from trials order by number"))]
    finally:
        engine.dispose()


def test_two_workers_make_exactly_the_budget_together(begun) -> None:
    begin, use_case, made, url = begun
    lines = []
    for process in [begin(0, 9), begin(1, 9)]:
        out, _ = process.communicate(timeout=200)
        assert process.returncode == 0
        lines += out.splitlines()
    assert len(lines) == 9
    assert states(url).count("COMPLETE") == 9
    assert fit_winner(use_case, made, url, "s", 1).search.complete == 9


def stopped(begun, how: signal.Signals, trials: int) -> None:
    """A worker that hangs in its first trial, stopped there."""
    begin, _, _, url = begun
    victim = begin(0, trials, "hang")
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with contextlib.suppress(DatabaseError):  # the tables are not there yet
            if "RUNNING" in states(url):
                break
        time.sleep(0.3)
    time.sleep(1.5)  # a first heartbeat
    victim.send_signal(how)
    victim.wait()


def gone_on(begun, monkeypatch: pytest.MonkeyPatch, trials: int) -> SearchSummary:
    """A worker that takes the study up at once."""
    _, use_case, made, url = begun
    monkeypatch.setattr(module, "HEARTBEAT", 1)
    monkeypatch.setattr(module, "GRACE", 3)
    return search(
        use_case, made, storage=url, study="s", worker=0, workers=1, trials=trials, timeout=timedelta(minutes=5),
        seed=1, progress=lambda _: None,
    )  # fmt: skip


@pytest.mark.parametrize("trials", [pytest.param(1, marks=pytest.mark.long), 4])
def test_a_killed_workers_trial_is_noticed_and_tried_again(begun, monkeypatch: pytest.MonkeyPatch, trials: int) -> None:
    stopped(begun, signal.SIGKILL, trials)
    found = gone_on(begun, monkeypatch, trials)
    assert (found.complete, found.failed) == (trials, 1), "the killed trial counts once, as its retry"
    assert "RUNNING" not in states(begun[3])


def test_a_worker_that_was_told_to_stop_costs_no_trial_and_its_configuration_is_tried(
    begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_good = CANDIDATES["logistic_regression"].known_good(task_named("binary"))
    stopped(begun, signal.SIGINT, len(known_good))
    found = gone_on(begun, monkeypatch, len(known_good))
    assert (found.complete, found.failed) == (len(known_good), 0)
    with module.opened(begun[1], begun[3], "s", 1) as study:
        tried = [trial.params["logistic_regression.C"] for trial in study.get_trials() if trial.value is not None]
    assert sorted(tried) == sorted(found["C"] for found in known_good)


def test_a_trial_whose_worker_was_killed_before_its_first_heartbeat_is_noticed_too(
    begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, use_case, _, url = begun
    with (
        module.opened(use_case, url, "s", 1) as study,
        pytest.warns(UserWarning, match="Heartbeat"),  # that there is none is what this test needs
    ):
        study.ask()
    found = gone_on(begun, monkeypatch, 1)
    assert (found.complete, found.failed) == (1, 1)
    assert "RUNNING" not in states(url)


def test_a_database_that_is_not_there_is_a_transient_error_without_its_address() -> None:
    use_case = timed()
    with (
        pytest.raises(StudyUnreachable, match="EVERGREEN_OPTUNA_URL") as caught,
        module.opened(use_case, "postgresql+psycopg2://who:secret@127.0.0.1:1/optuna", "s", 1),
    ):
        pass
    assert "secret" not in str(caught.value)
