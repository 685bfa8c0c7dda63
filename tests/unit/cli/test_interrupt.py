"""SIGINT at moments at which Python alone would lose it."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.cli.test_main import process_as_it_was  # noqa: F401 - used by every test here

from evergreen.cli import look
from evergreen.cli.interrupt import Interrupts
from evergreen.cli.main import main
from evergreen.errors import PermanentError

DEAF = """
import os, signal
try:
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):
        pass
except KeyboardInterrupt:
    raise RuntimeError("the interrupt came in the middle of an import")
"""


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)


def import_deaf() -> None:
    importlib.import_module("deaf_module")
    time.sleep(5)


def test_in_the_middle_of_an_import_it_waits_for_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deaf_module.py").write_text(DEAF, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt):
        import_deaf()
    assert interrupts.came
    assert "deaf_module" in sys.modules


def test_elsewhere_it_comes_at_once_and_the_handler_before_is_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts(), pytest.raises(KeyboardInterrupt):
        interrupt()
    assert signal.getsignal(signal.SIGINT) is before


def made_another() -> None:
    try:
        interrupt()
    except KeyboardInterrupt as error:
        raise RuntimeError("what a library makes of it") from error


def made_ours() -> None:
    try:
        interrupt()
    except KeyboardInterrupt as error:
        raise PermanentError("what a stage makes of it") from error


@pytest.mark.parametrize("interrupted", [interrupt, made_another, made_ours])
def test_a_command_ends_as_interrupted_whatever_became_of_it(
    interrupted: Callable[[], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        commands.add_parser("wait").set_defaults(run=lambda _: interrupted())

    monkeypatch.setattr(look, "add_commands", add_commands)
    assert main(["wait"]) == 130
    assert "run the same command again" in capsys.readouterr().err
