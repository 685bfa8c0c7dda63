"""Airflow on one machine: its environment, its database's schema, and its four processes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from evergreen.local.ports import LOOPBACK
from evergreen.local.postgres import Urls
from evergreen.local.probes import airflow_part_beats, answers
from evergreen.local.process import Service
from evergreen.local.secrets import fernet_key, jwt_secret, password, secret, write_private
from evergreen.local.settings import LocalSettings

ADMIN = "admin"
MIGRATE = "airflow-migrate"
_PASSWORDS = "airflow_passwords.json"


def login(settings: LocalSettings) -> tuple[str, str]:
    """User name and generated password of Airflow's web UI."""
    path = password_file(settings)
    if not path.exists():
        write_private(path, json.dumps({ADMIN: password()}) + "\n", replace=False)
    passwords: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return ADMIN, passwords[ADMIN]


def password_file(settings: LocalSettings) -> Path:
    """The file with the passwords of Airflow's web UI, a JSON object by user name."""
    return settings.secrets / _PASSWORDS


def environment(settings: LocalSettings, urls: Urls, outer: Mapping[str, str]) -> dict[str, str]:
    """What each Airflow process, and `airflow …` by hand, runs with.

    `outer` is the environment to start from: its EVERGREEN_* are handed on, and of its AIRFLOW__* those that tune stay
    as they are; addresses, keys and folders are this machine's own.
    """
    login(settings)
    tuned = {name: value for name, value in outer.items() if name.startswith("AIRFLOW__")}
    own = {f"AIRFLOW__{name}": value for name, value in {**_places(settings, urls), **_keys(settings)}.items()}
    light = {f"AIRFLOW__{name}": value for name, value in _light(settings).items()}
    return {**outer, **_process(settings, outer), **light, **tuned, **own}


def _process(settings: LocalSettings, outer: Mapping[str, str]) -> dict[str, str]:
    include = str(settings.repository / "include")
    path = [include, *(entry for entry in outer.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != include)]
    clock = settings.clock or (f"{settings.samples_url}/clock" if settings.samples else None)
    return {
        "AIRFLOW_HOME": str(settings.absolute_home / "airflow"),
        "EVERGREEN_HOME": str(settings.absolute_home),
        "EVERGREEN_USE_CASES": str(settings.repository / settings.use_cases),
        "EVERGREEN_PROFILE": settings.profile,
        "EVERGREEN_SERVICE_URL": outer.get("EVERGREEN_SERVICE_URL", settings.service_url),
        **({"EVERGREEN_CLOCK": clock} if clock else {}),
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": ",".join(filter(None, [outer.get("NO_PROXY", ""), LOOPBACK, "localhost"])),
        "no_proxy": ",".join(filter(None, [outer.get("no_proxy", ""), LOOPBACK, "localhost"])),
        **NO_TELEMETRY,
    }


NO_TELEMETRY = {
    "BENTOML_DO_NOT_TRACK": "True",
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "true",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "SCARF_ANALYTICS": "false",
}


def _places(settings: LocalSettings, urls: Urls) -> dict[str, str]:
    logs = settings.logs / "airflow"
    connections = json.dumps({"connections_file_path": str(settings.secrets / "connections.json")})
    return {
        "DATABASE__SQL_ALCHEMY_CONN": urls.airflow,
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": urls.airflow_async,
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__DAGS_FOLDER": str(settings.repository / "dags"),
        "CORE__PLUGINS_FOLDER": str(settings.repository / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTION_API_SERVER_URL": f"{settings.airflow_url}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(settings)),
        "API__HOST": LOOPBACK,
        "API__PORT": str(settings.airflow_port),
        "API__BASE_URL": settings.airflow_url,
        "SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
        "SECRETS__BACKEND_KWARGS": connections,
        "LOGGING__BASE_LOG_FOLDER": str(logs),
        "LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(logs / "dag_processor"),
        "DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(settings.absolute_home / "airflow" / "bundles"),
    }


def _keys(settings: LocalSettings) -> dict[str, str]:
    return {
        "CORE__FERNET_KEY": secret(settings.secrets, "airflow_fernet_key", fernet_key),
        "API__SECRET_KEY": secret(settings.secrets, "airflow_api_secret"),
        "API_AUTH__JWT_SECRET": secret(settings.secrets, "airflow_jwt_secret", jwt_secret),
    }


def _light(settings: LocalSettings) -> dict[str, str]:
    """Quick to react and light at rest, on a machine of few cores."""
    return {
        "CORE__PARALLELISM": str(max(4, os.cpu_count() or 1)),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "5",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2" if settings.profile == "demo" else "0.5",
        # What a killed scheduler or task left is found within half a minute instead of five.
        "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        # A slot is free as soon as its task ends, yet a restart of the API server or PostgreSQL kills no task.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "WORKERS__MAX_FAILED_HEARTBEATS": "30",
        "WORKERS__EXECUTION_API_TIMEOUT": "30",
        "WORKERS__EXECUTION_API_RETRIES": "20",
        "WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "10",
        # New files are seen within seconds, known ones are read again once a minute.
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "LOGGING__COLORED_CONSOLE_LOG": "False",
        "LOGGING__UVICORN_LOGGING_LEVEL": "WARNING",
        "LOGGING__NAMESPACE_LEVELS": "http.access=WARNING",
    }


def airflow_services(settings: LocalSettings, urls: Urls, outer: Mapping[str, str]) -> list[Service]:
    """The migration of the database, unless that is at this version already, and Airflow's four processes.

    Scheduler and triggerer serve no logs over the network: every process reads the one log folder.
    """
    variables = environment(settings, urls, outer)
    health = f"{settings.airflow_url}/api/v2/monitor/health"
    migrate = needs_migration(settings, urls)

    def part(name: str, *arguments: str, beat: str | None, after: tuple[str, ...] = (), late: bool = False) -> Service:
        return Service(
            name=f"airflow-{name}",
            command=(sys.executable, "-m", "airflow", name, *arguments),
            environment=variables,
            ready=airflow_part_beats(health, beat) if beat else answers(health),
            needs=(*((MIGRATE,) if migrate else ()), *after),
            url=settings.airflow_url if late else None,
            port=settings.airflow_port if late else None,
            port_setting="EVERGREEN_AIRFLOW_PORT" if late else None,
            folder=settings.absolute_home,
            stop_late=late,
            kill_children=name == "scheduler",
        )

    migration = Service(
        name=MIGRATE,
        command=(sys.executable, "-m", "airflow", "db", "migrate"),
        environment=variables,
        ready=None,
        folder=settings.absolute_home,
        on_done=lambda: remember_migration(settings, urls),
    )
    return [
        *([migration] if migrate else []),
        part("api-server", beat=None, late=True),
        # Its first tasks, those of before a restart, would fail while nobody answers them.
        part("scheduler", "--skip-serve-logs", beat="scheduler", after=("airflow-api-server",)),
        part("dag-processor", beat="dag_processor"),
        part("triggerer", "--skip-serve-logs", beat="triggerer"),
    ]


def needs_migration(settings: LocalSettings, urls: Urls) -> bool:
    """Whether the database is not the one that this version of Airflow migrated last; asking Airflow takes seconds."""
    try:
        return _migrated(settings).read_text() != _state(urls)
    except (FileNotFoundError, SQLAlchemyError):
        return True


def remember_migration(settings: LocalSettings, urls: Urls) -> None:
    """Note that the database is at the installed version's schema."""
    _migrated(settings).write_text(_state(urls))


def _migrated(settings: LocalSettings) -> Path:
    return settings.run / "airflow.migrated"


def _state(urls: Urls) -> str:
    engine = create_engine(urls.airflow, poolclass=NullPool)
    with engine.connect() as connection:
        revision = connection.execute(text("select version_num from alembic_version")).scalar()
    return f"apache-airflow-core {version('apache-airflow-core')} at {revision}\n"
