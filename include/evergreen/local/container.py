"""The parts of a compose stack: each container becomes one of these, with the same settings as on one machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from evergreen.errors import PermanentError, TransientError
from evergreen.local import airflow
from evergreen.local.connections import http_entry, sql_entry, write_connections
from evergreen.local.postgres import DATABASES, Urls
from evergreen.local.secrets import secret
from evergreen.local.settings import LocalSettings

SERVER = "EVERGREEN_POSTGRES_URL"
_ANY = "0.0.0.0"  # noqa: S104 - inside a container; compose publishes ports on 127.0.0.1 only
API, SAMPLES, SERVICE, MLFLOW = "http://airflow-api-server:8080", "http://samples:8090", "http://service:3000", 5000
PARTS = ("init", "api-server", "scheduler", "dag-processor", "triggerer", "mlflow", "service", "samples")


def become(part: str, settings: LocalSettings, outer: Mapping[str, str]) -> NoReturn:
    """Turn this process into a part of the stack. Raises PermanentError for a part that isn't one of `PARTS`."""
    urls = server_urls(outer)
    variables = container_environment(settings, urls, outer)
    if part == "init":
        initialise(settings, urls, variables)
        raise SystemExit(0)
    command = _commands(settings).get(part)
    if command is None:
        raise PermanentError(f"there is no part {part!r}; parts are {', '.join(PARTS)}")
    os.chdir(settings.absolute_home)
    os.execvpe(command[0], command, {**variables, **_own(part, urls, settings)})  # noqa: S606 - no shell wanted


def server_urls(outer: Mapping[str, str]) -> Urls:
    """The databases of the PostgreSQL server at EVERGREEN_POSTGRES_URL. Raises PermanentError when it isn't set."""
    if not outer.get(SERVER):
        raise PermanentError(f"set {SERVER} to the server's URL, e.g. postgresql://evergreen:…@postgres:5432/postgres")
    url = make_url(outer[SERVER]).set(drivername="postgresql+psycopg2")

    def of(database: str, driver: str = "postgresql+psycopg2") -> str:
        return url.set(drivername=driver, database=database).render_as_string(hide_password=False)

    return Urls(airflow_async=of("airflow", "postgresql+asyncpg"), **{name: of(name) for name in DATABASES})


def container_environment(settings: LocalSettings, urls: Urls, outer: Mapping[str, str]) -> dict[str, str]:
    """Airflow's and Evergreen's environment inside the stack, where parts are reached by their service names."""
    return {
        **airflow.environment(settings, urls, outer),
        "AIRFLOW__API__HOST": _ANY,
        "AIRFLOW__API__PORT": "8080",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{API}/execution/",
        "EVERGREEN_DATABASE_URL": urls.evergreen,
        "EVERGREEN_SERVICE_URL": SERVICE,
        **({"EVERGREEN_CLOCK": f"{SAMPLES}/clock"} if settings.samples and not settings.clock else {}),
    }


def initialise(settings: LocalSettings, urls: Urls, variables: Mapping[str, str]) -> None:
    """Create databases, folders, keys and connections where they are missing, and bring Airflow's schema up to date."""
    _create_databases(urls)
    for folder in (settings.logs, settings.run, settings.landing, settings.absolute_home / "mlflow"):
        folder.mkdir(parents=True, exist_ok=True)
    secret(settings.secrets, "api_key")
    entries = {"predictions_db": sql_entry(urls.predictions)}
    if settings.samples:
        entries["fleet_db"] = entries["crm_db"] = sql_entry(urls.sources)
        entries["weather_api"] = http_entry(SAMPLES, secret(settings.secrets, "weather_api_key"))
    write_connections(settings.secrets / "connections.json", entries)
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], env=dict(variables), check=True)


def _create_databases(urls: Urls, patience: float = 60.0) -> None:
    server = make_url(urls.evergreen).set(database="postgres")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    deadline = time.monotonic() + patience
    while not _answers(engine):
        if time.monotonic() > deadline:
            raise TransientError(f"PostgreSQL at {server.host}:{server.port} doesn't answer; is it up?")
        time.sleep(1)
    with engine.connect() as db:
        there = set(db.execute(text("select datname from pg_database")).scalars())
        for name in DATABASES:
            if name not in there:
                db.execute(text(f'create database "{name}"'))


def _answers(engine: Engine) -> bool:
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False


def _commands(settings: LocalSettings) -> dict[str, list[str]]:
    python = sys.executable
    return {
        "api-server": [python, "-m", "airflow", "api-server"],
        "scheduler": [python, "-m", "airflow", "scheduler", "--skip-serve-logs"],
        "dag-processor": [python, "-m", "airflow", "dag-processor"],
        "triggerer": [python, "-m", "airflow", "triggerer", "--skip-serve-logs"],
        "mlflow": [
            *(python, "-m", "mlflow", "server", "--host", _ANY, "--port", str(MLFLOW)),
            *("--workers", "1", "--no-serve-artifacts"),
        ],
        "service": [python, "-m", "evergreen", "serve", "--host", _ANY, "--port", "3000"],
        "samples": [
            *(python, "-m", "sample_sources", "serve", "--host", _ANY, "--port", "8090"),
            *("--api-key-file", str(settings.secrets / "weather_api_key")),
        ],
    }


def _own(part: str, urls: Urls, settings: LocalSettings) -> dict[str, str]:
    if part == "mlflow":
        return {
            "MLFLOW_BACKEND_STORE_URI": urls.mlflow,
            "MLFLOW_DEFAULT_ARTIFACT_ROOT": Path(settings.absolute_home / "mlflow").as_uri(),
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_SERVER_ALLOWED_HOSTS": "*",
        }
    if part == "samples":
        return {
            "SAMPLE_SOURCES_DATABASE_URL": urls.sources,
            "SAMPLE_SOURCES_LANDING": str(settings.landing),
        }
    return {}
