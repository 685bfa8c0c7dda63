"""Exit statuses and words of the command line."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import structlog

from evergreen.cli import look
from evergreen.cli.data import number
from evergreen.cli.main import main
from evergreen.errors import PermanentError, TransientError
from evergreen.loop.errors import NothingToDo

GOOD = """\
name: toy
task: binary
key: [id]
target: {column: y}
sources:
  rows: {type: files, path: "{landing}/*.csv", key: [id]}
"""


@pytest.fixture(autouse=True)
def process_as_it_was() -> Iterator[None]:
    """A command sets up logging for its whole process; a test is not the last thing its process does."""
    hook, handlers, level = threading.excepthook, logging.root.handlers[:], logging.root.level
    yield
    threading.excepthook = hook
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def use_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EVERGREEN_USE_CASES", str(tmp_path))
    (tmp_path / "toy").mkdir()
    return tmp_path / "toy" / "use_case.yaml"


def test_check_says_that_nothing_is_wrong(use_cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use_cases.write_text(GOOD, encoding="utf-8")
    assert main(["check"]) == 0
    assert "nothing wrong" in capsys.readouterr().out


def test_check_says_everything_at_once_with_its_lines(use_cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use_cases.write_text(GOOD.replace("task: binary", "task: binry").replace("key: [id]}", "kye: [id]}"), "utf-8")
    assert main(["check", "toy"]) == 1
    said = capsys.readouterr().out
    assert "use_case.yaml:2: task" in said
    assert "use_case.yaml:6: sources.rows.kye: unknown key; did you mean `key`?" in said


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (PermanentError("the key is wrong; set another"), 1, "error: the key is wrong"),
        (TransientError("the source is down; try later"), 75, "error: the source is down"),
        (NothingToDo("toy is on hold"), 3, "toy is on hold"),
        (KeyboardInterrupt(), 130, "run the same command again"),
        (psycopg2.OperationalError("server closed the connection"), 75, "the database stopped answering"),
        (psycopg2.InterfaceError("connection already closed"), 75, "the database stopped answering"),
    ],
)
def test_every_end_has_its_status_and_no_traceback(
    error: BaseException,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(look, "_check", _raising(error))
    assert main(["check"]) == status
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def _raising(error: BaseException) -> Callable[[object], int]:
    def run(_: object) -> int:
        raise error

    return run


@pytest.mark.parametrize(("text", "expected"), [("v3", 3), ("3", 3), ("flights@v12", 12)])
def test_versions_are_read_as_people_write_them(text: str, expected: int) -> None:
    assert number(text) == expected


def test_what_is_no_version_is_said() -> None:
    with pytest.raises(PermanentError, match="write it like v3"):
        number("latest")
