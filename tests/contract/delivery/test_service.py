"""The service over real HTTP, with real bentos, on a real database."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from sqlalchemy import NullPool, create_engine, text
from tests.contract.delivery.conftest import INCLUDE, Boosted, Trained, table

from evergreen.artifacts import BentoRef, Release
from evergreen.delivery.package import package
from evergreen.features.fitting import fit
from evergreen.hashing import folder_sha256
from evergreen.local.postgres import EmbeddedPostgres
from evergreen.predictions import PredictionStore

SINCE, UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
HEADERS = {"X-API-Key": "key"}


@pytest.fixture(scope="module")
def releases(
    trained: Trained, store: Path, source: Path, bento: BentoRef, tmp_path_factory: pytest.TempPathFactory
) -> list[Release]:
    """Two releases whose models answer differently."""
    folder = tmp_path_factory.mktemp("second") / "predictor"
    turned = table().with_columns(~pl.col("late"))
    fit(trained.use_case, turned, Boosted(), {}, 1).save(folder)
    model = trained.model.model_copy(update={"version": 4, "sha256": folder_sha256(folder)})
    second = package("small_flights", folder, model, store=store, source_root=source, example=turned.head(5))
    return [
        Release(use_case="small_flights", number=number, dataset_version=1, model=of, bento=packed)
        for number, of, packed in ((1, trained.model, bento), (2, model, second))
    ]


@dataclass
class Service:
    process: subprocess.Popen[bytes]
    url: str
    file: Path
    trained: Trained

    def route(self, *releases: tuple[Release, int]) -> None:
        said = {
            "use_case": self.trained.use_case.model_dump(mode="json", exclude_unset=True),
            "releases": [[release.model_dump(mode="json"), percent] for release, percent in releases],
        }
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(said))
        fresh.rename(self.file)

    def rows(self, count: int = 1) -> list[dict[str, Any]]:
        rows = self.trained.rows.head(count).drop("late")
        return [{**row, "scheduled_at": row["scheduled_at"].isoformat()} for row in rows.to_dicts()]

    def metric(self, client: httpx.Client, name: str) -> float:
        """A number of the predictions' metrics."""
        lines = client.get(f"{self.url}/metrics").text.splitlines()
        (found,) = [line for line in lines if line.startswith(f"evergreen_predictions_{name} ")]
        return float(found.rpartition(" ")[2])

    def predict(self, client: httpx.Client, count: int = 1) -> httpx.Response:
        return client.post(f"{self.url}/v1/small_flights/predict", json={"rows": self.rows(count)})


@pytest.fixture(scope="module")
def database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The predictions of this file's service."""
    yield postgres.create_database("service_test")
    postgres.drop_database("service_test")


@pytest.fixture(scope="module")
def service(
    trained: Trained, releases: list[Release], database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One service process for the whole file, since starting one is the slowest step; the last test stops it."""
    with running(trained, tmp_path_factory.mktemp("service"), database, INCLUDE, (releases[0], 100)) as service:
        yield service


@contextmanager
def running(
    trained: Trained, folder: Path, database: str, code: Path, *routes: tuple[Release, int]
) -> Iterator[Service]:
    """A service process that runs the library in `code`, once it is ready; killed in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = folder / "routes.json"
    script = Path(__file__).with_name("serve.py")
    env = {**os.environ, "PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"}
    service = Service(None, f"http://127.0.0.1:{port}", file, trained)  # type: ignore[arg-type]
    service.route(*routes)
    command = [sys.executable, str(script), str(port), str(file), database, str(folder / "environments")]
    service.process = subprocess.Popen(command, env=env)
    try:
        wait(lambda: ready(service.url), 200)
        yield service
    finally:
        service.process.kill()
        service.process.wait()


@pytest.fixture(scope="module")
def stored(database: str) -> Iterator[PredictionStore]:
    """The store the service writes to."""
    engine = create_engine(database, poolclass=NullPool)
    yield PredictionStore(engine)
    engine.dispose()


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.HTTPError:
        return False


def wait(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def test_a_swap_under_load_fails_no_request_and_mixes_no_models(
    service: Service, releases: list[Release], trained: Trained
) -> None:
    """Promise of DESIGN §7: models are swapped inside the process; in-flight requests finish on the old one."""
    from evergreen.delivery.bento import open_bento
    from evergreen.delivery.predictor import load_predictor

    answers = {
        release.number: load_predictor(open_bento(release.bento.path).predictor).predict(trained.rows.head(5))
        for release in releases
    }
    done = threading.Event()
    seen: list[tuple[int, int | None]] = []
    wrong: list[Any] = []

    def ask() -> None:
        with httpx.Client(headers=HEADERS, timeout=30) as client:
            while not done.is_set():
                response = service.predict(client, 5)
                if response.status_code != 200:
                    wrong.append(response.text)
                    return
                body = response.json()
                said = [one["probability"] for one in body["predictions"]]
                expected = answers[body["release"]]["probability"].to_list()
                if said != pytest.approx(expected) or body["model_version"] != body["release"] + 2:
                    wrong.append(body)
                seen.append((threading.get_ident(), body["release"]))

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    for turn in range(4):
        service.route((releases[(turn + 1) % 2], 100))
        now = len(seen)
        wait(lambda: wrong or (seen[-1:] and seen[-1][1] == (turn + 1) % 2 + 1), 90)  # noqa: B023
        wait(lambda: wrong or len(seen) > now + 20, 90)  # noqa: B023
    done.set()
    for client in clients:
        client.join()
    assert not wrong
    assert {release for _, release in seen} == {1, 2}
    assert len(seen) > 80


def test_when_the_database_is_down_serving_goes_on_and_predictions_wait_for_it(
    service: Service, stored: PredictionStore, database: str, postgres: EmbeddedPostgres
) -> None:
    name = database.partition("?")[0].rpartition("/")[2]
    admin = create_engine(postgres.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection, httpx.Client(headers=HEADERS) as client:
        wait(lambda: service.metric(client, "waiting") == 0, 60)
        before = int(service.metric(client, "stored_total"))
        assert service.predict(client).status_code == 200
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"), {"n": name}
        )
        assert all(service.predict(client).status_code == 200 for _ in range(20))
        wait(lambda: service.metric(client, "waiting") in (20, 21), 60)
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
        wait(lambda: service.metric(client, "stored_total") == before + 21, 60)
    admin.dispose()
    assert stored.window("small_flights", SINCE, UNTIL).height == before + 21


def test_what_was_answered_is_stored_even_when_the_service_is_stopped_at_once(
    service: Service, stored: PredictionStore
) -> None:
    with httpx.Client(headers=HEADERS) as client:
        wait(lambda: service.metric(client, "waiting") == 0, 60)
        before = int(service.metric(client, "stored_total"))
        ids = [one["id"] for _ in range(5) for one in service.predict(client, 3).json()["predictions"]]
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) in (0, -signal.SIGTERM)
    assert {one.key for one in (stored.find(prediction_id) for prediction_id in ids) if one} == {"F0", "F1", "F2"}
    assert stored.window("small_flights", SINCE, UNTIL).height == before + 15
