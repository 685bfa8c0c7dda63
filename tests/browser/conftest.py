"""Airflow's API server and DAG processor over the embedded PostgreSQL, and a browser that is logged in."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.contract.orchestration.history import tell

from evergreen.connections import Connection
from evergreen.errors import PermanentError
from evergreen.local.airflow import airflow_services, login, password_file
from evergreen.local.ports import free_port
from evergreen.local.postgres import EmbeddedPostgres
from evergreen.local.process import Service, State, SupervisedProcess
from evergreen.local.secrets import write_private
from evergreen.local.services import prepare
from evergreen.local.settings import LocalSettings
from evergreen.loop.instance import Instance
from evergreen.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
VIEWER = "viewer"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
PATIENCE = 60_000
"""Milliseconds to wait for what the web UI shows."""


@dataclass(frozen=True)
class Running:
    """A running Airflow with an instance that has a past."""

    url: str
    user: str
    password: str
    instance: Instance


@pytest.fixture(scope="package")
def airflow() -> Iterator[Running]:
    """Airflow's web UI with the project's DAGs and plugins, and one use case whose file is broken."""
    home = Path(tempfile.mkdtemp(prefix="eb"))
    settings = LocalSettings(
        home=home, use_cases=_use_cases(home), airflow_port=free_port(), mlflow_port=free_port(), samples=False
    )
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "EVERGREEN_"))}
    outer["EVERGREEN_MLFLOW_PORT"] = str(settings.mlflow_port)
    postgres = EmbeddedPostgres(home)
    processes: list[SupervisedProcess] = []
    try:
        urls = postgres.ensure()
        prepare(settings, urls)
        instance = _instance(settings, urls.evergreen)
        tell(instance)
        instance.engine.dispose()
        wanted = ("airflow-migrate", "airflow-api-server", "airflow-dag-processor")
        services = [
            _with_viewer(one, settings) for one in airflow_services(settings, urls, outer) if one.name in wanted
        ]
        for wave in (services[:1], services[1:]):
            started = [SupervisedProcess(service, settings.logs, settings.run) for service in wave]
            processes += started
            _start(started)
        yield Running(settings.airflow_url, *login(settings), instance)
    finally:
        for process in reversed(processes):
            process.end(process.terminate(), time.monotonic() + 6, hurry=lambda: False)
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def _use_cases(home: Path) -> Path:
    folder = home / "use_cases"
    shutil.copytree(ROOT / "include" / "use_cases" / "flights", folder / "flights")
    (folder / "churn").mkdir()
    (folder / "churn" / "use_case.yaml").write_text("name: churn\ntask: binray\n")
    return folder


def _instance(settings: LocalSettings, database: str) -> Instance:
    def connect(name: str) -> Connection:
        raise PermanentError(f"no connection {name}")

    return Instance(
        settings=Settings(home=settings.home, use_cases=settings.use_cases),
        database_url=database,
        mlflow_uri=database,
        optuna_url=database,
        connect=connect,
        pseudonym_key=b"key",
    )


def _with_viewer(service: Service, settings: LocalSettings) -> Service:
    """Beside the administrator someone who may only look."""
    user, password = login(settings)
    write_private(password_file(settings), json.dumps({user: password, VIEWER: VIEWER}), replace=True)
    users = {"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{user}:admin,{VIEWER}:viewer"}
    return dataclasses.replace(service, environment={**service.environment, **users})


def _start(processes: list[SupervisedProcess]) -> None:
    for process in processes:
        process.start()
    while not all(process.state in (State.READY, State.DONE) for process in processes):
        for process in processes:
            process.step()
            assert process.state is not State.FAILED, process.reason
        time.sleep(0.1)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"the browser tests need {CHROMIUM}: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def web_ui(browser: Browser, airflow: Running) -> Iterator[Page]:
    """A page of its own, logged in with the generated password."""
    context = browser.new_context(viewport={"width": 1360, "height": 1000}, locale="en-US", color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(airflow.url)
    page.locator("input[name=username]").fill(airflow.user)
    page.locator("input[name=password]").fill(airflow.password)
    page.locator("button[type=submit]").click()
    page.get_by_role("link", name="Dags", exact=True).first.wait_for()
    yield page
    context.close()
