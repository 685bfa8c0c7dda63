"""After an upgrade of Evergreen, back to a release that the older code packaged: over HTTP, under load."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import pytest
from tests.contract.delivery.conftest import Trained
from tests.contract.delivery.other_code import halving_copy, packaged_by
from tests.contract.delivery.test_service import HEADERS, Service, running, wait

from evergreen.artifacts import BentoRef, Release
from evergreen.local.postgres import EmbeddedPostgres

OLD, NEW = 1, 2


@pytest.fixture(scope="module")
def newer(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return halving_copy(source, tmp_path_factory.mktemp("newer"))


@pytest.fixture(scope="module")
def releases(
    trained: Trained, store: Path, bento: BentoRef, newer: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, Release]:
    """One model, packaged by two versions of the library."""
    upgraded = packaged_by(newer, trained, store, tmp_path_factory.mktemp("pack"))
    assert upgraded.tag != bento.tag
    return {
        number: Release(use_case="small_flights", number=number, dataset_version=1, model=trained.model, bento=packed)
        for number, packed in ((OLD, bento), (NEW, upgraded))
    }


@pytest.fixture(scope="module")
def service(
    trained: Trained,
    releases: dict[int, Release],
    newer: Path,
    postgres: EmbeddedPostgres,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """A service that runs the newer code; one for the file, whose last test kills it."""
    folder, url = tmp_path_factory.mktemp("upgraded"), postgres.create_database("upgrade_test")
    with running(trained, folder, url, newer, (releases[NEW], 100)) as service:
        yield service
    postgres.drop_database("upgrade_test")


def own_processes(service: Service) -> set[int]:
    found = set()
    for child in psutil.Process(service.process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # or a zombie, which has no command line
            if "evergreen.delivery.own.child" in child.cmdline():
                found.add(child.pid)
    return found


def gone(pids: set[int]) -> bool:
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)


def described(service: Service) -> dict[int, str]:
    """Which release runs where."""
    with httpx.Client(headers=HEADERS) as client:
        said = client.get(f"{service.url}/v1/small_flights").json()["releases"]
    return {one["release"]: one["process"] for one in said}


class Load:
    """Clients that ask until they are told to stop, and note whatever is not as it should be."""

    def __init__(self, service: Service, *, may_be_away: bool = False) -> None:
        self._service = service
        self._may_be_away = may_be_away
        self._done = threading.Event()
        rows = service.trained.rows.head(5)
        self._expected = service.trained.predictor.predict(rows)["probability"].to_list()
        self.seen: list[int] = []
        self.away: list[httpx.Response] = []
        self.wrong: list[Any] = []
        self._clients = [threading.Thread(target=self._ask) for _ in range(4)]

    def __enter__(self) -> Self:
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for client in self._clients:
            client.join()

    def reaches(self, release: int) -> None:
        """Wait until only this release answers, and has done so for a while."""
        wait(lambda: bool(self.wrong) or (len(self.seen) > 40 and set(self.seen[-40:]) == {release}), 120)

    def _ask(self) -> None:
        with httpx.Client(headers=HEADERS, timeout=30) as client:
            while not self._done.is_set():
                try:
                    self._judge(self._service.predict(client, 5))
                except Exception as error:  # noqa: BLE001 - said by the test, not lost in a thread
                    self.wrong.append(error)

    def _judge(self, response: httpx.Response) -> None:
        if response.status_code == 503 and self._may_be_away:
            self.away.append(response)
            return
        if response.status_code != 200:
            self.wrong.append(response.text)
            return
        for one, expected in zip(response.json()["predictions"], self._expected, strict=True):
            release = one.get("release") or response.json()["release"]
            if one["probability"] != pytest.approx(expected * (0.5 if release == NEW else 1.0)):
                self.wrong.append(one)
            self.seen.append(release)


def test_promise_8_a_rollback_past_an_upgrade_fails_no_request_and_predicts_as_the_old_code_did(
    service: Service, releases: dict[int, Release]
) -> None:
    assert described(service) == {NEW: "shared"}
    with Load(service) as load:
        load.reaches(NEW)
        service.route((releases[OLD], 30), (releases[NEW], 70))
        wait(lambda: described(service) == {OLD: "own", NEW: "shared"}, 120)
        wait(lambda: bool(load.wrong) or set(load.seen[-200:]) == {OLD, NEW}, 60)
        (started,) = own_processes(service)
        service.route((releases[OLD], 100))
        load.reaches(OLD)
        assert own_processes(service) == {started}
        service.route((releases[NEW], 100))
        load.reaches(NEW)
        wait(lambda: gone({started}), 60)
    assert not load.wrong


def test_a_process_that_dies_is_started_again_and_requests_meanwhile_are_asked_to_come_back(
    service: Service, releases: dict[int, Release]
) -> None:
    service.route((releases[OLD], 100))
    wait(lambda: described(service) == {OLD: "own"}, 120)
    (first,) = own_processes(service)
    with Load(service, may_be_away=True) as load:
        load.reaches(OLD)
        os.kill(first, signal.SIGKILL)
        wait(lambda: own_processes(service) not in (set(), {first}), 120)
        wait(lambda: bool(load.away), 60)
        load.seen.clear()
        load.reaches(OLD)
    assert not load.wrong
    assert {response.headers["Retry-After"] for response in load.away} == {"5"}
    assert "is being started again" in load.away[0].json()["detail"]
    assert gone({first})


def test_a_service_that_is_killed_leaves_no_process_behind(service: Service, releases: dict[int, Release]) -> None:
    service.route((releases[OLD], 100))
    wait(lambda: described(service) == {OLD: "own"}, 120)
    left = own_processes(service)
    assert len(left) == 1
    service.process.send_signal(signal.SIGKILL)
    service.process.wait()
    wait(lambda: gone(left), 60)


def test_a_service_that_is_stopped_stops_its_processes_first(
    trained: Trained,
    releases: dict[int, Release],
    newer: Path,
    postgres: EmbeddedPostgres,
    tmp_path: Path,
) -> None:
    url = postgres.create_database("upgrade_stop_test")
    with running(trained, tmp_path, url, newer, (releases[OLD], 100)) as service:
        left = own_processes(service)
        assert len(left) == 1
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(60) in (0, -signal.SIGTERM)
        assert gone(left)
    postgres.drop_database("upgrade_stop_test")
