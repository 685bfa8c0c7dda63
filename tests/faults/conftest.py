"""The undisturbed loop, once a session: what every disturbed one has to end in."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.guard import guarded

from .kill import Step, begin, steps
from .toy import HISTORY, Instance


@dataclass(frozen=True)
class Undisturbed:
    """The canonical state after each night, the steps of each, and the instance, only to look at."""

    instance: Instance
    states: tuple[dict[str, Any], ...]
    steps: tuple[tuple[Step, ...], ...]


@pytest.fixture
def instance() -> Iterator[Instance]:
    """A fresh instance, its server stopped and its folder removed afterwards."""
    made = Instance(Path(tempfile.mkdtemp(prefix="toy")))
    with guarded(made.home, made.folder):
        made.set_up()
        yield made


@pytest.fixture(scope="package")
def undisturbed() -> Iterator[Undisturbed]:
    made = Instance(Path(tempfile.mkdtemp(prefix="toy")))
    with guarded(made.home, made.folder):
        made.set_up()
        taken, states = [], []
        for night in HISTORY:
            made.drop(night)
            running = begin(made, night.isoformat())
            status, said = running.end()
            assert status == 0, said
            taken.append(steps(running))
            states.append(made.state())
        yield Undisturbed(made, tuple(states), tuple(taken))
