"""The undisturbed loop, once a session: what every disturbed one has to end in."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .toy import HISTORY, Instance


@dataclass(frozen=True)
class Undisturbed:
    """The canonical state after each night, how long each took (seconds), and the instance, only to look at."""

    instance: Instance
    states: tuple[dict[str, Any], ...]
    seconds: tuple[float, ...]


@pytest.fixture
def instance() -> Iterator[Instance]:
    """A fresh instance, its server stopped and its folder removed afterwards."""
    made = Instance(Path(tempfile.mkdtemp(prefix="toy")))
    made.set_up()
    yield made
    made.stop()
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.fixture(scope="package")
def undisturbed() -> Iterator[Undisturbed]:
    made = Instance(Path(tempfile.mkdtemp(prefix="toy")))
    made.set_up()
    seconds, states = [], []
    try:
        for night in HISTORY:
            made.drop(night)
            began = time.monotonic()
            status, said = made.run("run", "toy", "--as-of", night.isoformat())
            assert status == 0, said
            seconds.append(time.monotonic() - began)
            states.append(made.state())
        yield Undisturbed(made, tuple(states), tuple(seconds))
    finally:
        made.stop()
        shutil.rmtree(made.folder, ignore_errors=True)
