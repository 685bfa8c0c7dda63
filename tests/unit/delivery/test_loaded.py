"""Releases whose process ends, or whose libraries take a while: what the board serves meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.unit.delivery.fakes import Source, Threshold, release, routes

from evergreen.artifacts import Release
from evergreen.delivery.own.environment import EnvironmentInTheMaking
from evergreen.delivery.service.board import Board
from evergreen.delivery.service.loaded import LoadedReleases
from evergreen.delivery.service.releases import LoadedRelease
from evergreen.errors import EvergreenError, PermanentError


@dataclass
class Process:
    """As much of a process as the board sees."""

    number: int
    pid: int
    alive: bool = True
    stopped: bool = False

    def stop(self) -> None:
        self.alive, self.stopped = False, True


@dataclass
class World:
    """A clock, and what loading does."""

    now: float = 0.0
    error: EvergreenError | None = None
    broken: set[int] = field(default_factory=set)
    started: list[Process] = field(default_factory=list)

    def load(self, wanted: Release) -> LoadedRelease:
        if self.error is not None or wanted.number in self.broken:
            raise self.error or PermanentError("broken")
        process: Any = Process(wanted.number, len(self.started))
        self.started.append(process)
        return LoadedRelease(wanted, Threshold(50.0), process)

    def running(self) -> list[int]:
        return [process.number for process in self.started if process.alive]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def two(tmp_path: Path) -> tuple[Release, Release]:
    return release(tmp_path, 1, 50.0), release(tmp_path, 2, 60.0)


def board(world: World, source: Source) -> Board:
    made = Board(source, LoadedReleases(world.load, lambda: world.now), anonymises=False)
    made.refresh()
    return made


def served(made: Board) -> list[int]:
    return [share.loaded.release.number for share in made.current["trips"].shares]


def test_a_release_that_is_routed_no_more_is_stopped_when_its_last_request_has_ended(
    world: World, two: tuple[Release, Release]
) -> None:
    source = Source(trips=routes((two[0], 100)))
    made = board(world, source)
    with made.held("trips") as first, made.held("trips") as second:
        assert first is second
        source.now["trips"] = routes((two[1], 100))
        made.refresh()
        assert served(made) == [2]
        assert world.running() == [1, 2]
    made.refresh()
    assert world.running() == [2]
    made.stop()
    assert world.running() == []


def test_a_use_case_that_is_gone_leaves_no_process(world: World, two: tuple[Release, Release]) -> None:
    source = Source(trips=routes((two[0], 100)))
    made = board(world, source)
    source.now.clear()
    made.refresh()
    assert world.running() == []


def test_while_libraries_are_installed_the_old_release_answers(world: World, two: tuple[Release, Release]) -> None:
    source = Source(trips=routes((two[0], 100)))
    made = board(world, source)
    source.now["trips"] = routes((two[1], 100))
    world.error = EnvironmentInTheMaking("they are being installed")
    made.refresh()
    assert (served(made), made.problems) == ([1], {"trips": "they are being installed"})
    world.error, world.now = None, 1.0
    made.refresh()
    assert (served(made), made.problems) == ([2], {})
    assert world.running() == [2]


def test_a_process_that_ends_is_started_again_at_once_and_then_ever_later(
    world: World, two: tuple[Release, Release]
) -> None:
    made = board(world, Source(trips=routes((two[0], 100))))
    for pause in (0.0, 2.0, 10.0, 30.0, 30.0):
        world.started[-1].alive = False
        count = len(world.started)
        made.refresh()
        if pause:
            assert len(world.started) == count
            assert "has ended and is started again soon" in made.problems["trips"]
            assert served(made) == [1]  # it answers that it is away
            world.now += pause
            made.refresh()
        assert len(world.started) == count + 1
        assert made.problems == {}
    assert [process.stopped for process in world.started] == [True] * 5 + [False]


def test_a_process_that_ran_for_long_is_started_again_at_once(world: World, two: tuple[Release, Release]) -> None:
    made = board(world, Source(trips=routes((two[0], 100))))
    for _ in range(3):
        world.started[-1].alive = False
        world.now += 1000.0
        made.refresh()
        assert world.running() == [1]


def test_one_that_is_started_again_serves_though_a_newcomer_fails(world: World, two: tuple[Release, Release]) -> None:
    source = Source(trips=routes((two[0], 100)))
    made = board(world, source)
    world.started[0].alive = False
    world.broken.add(2)
    source.now["trips"] = routes((two[0], 95), (two[1], 5))
    for _ in range(3):
        made.refresh()
    assert served(made) == [1]
    assert made.current["trips"].shares[0].loaded.alive
    assert len(world.started) == 2


def test_a_newcomer_is_not_started_anew_while_another_fails(world: World, two: tuple[Release, Release]) -> None:
    source = Source(trips=routes((two[0], 100)))
    made = board(world, source)
    world.broken.add(2)
    newest = two[1].model_copy(update={"number": 3})
    source.now["trips"] = routes((two[1], 50), (newest, 50))
    for _ in range(5):
        made.refresh()
    assert served(made) == [1]
    assert [process.number for process in world.started] == [1, 3]
