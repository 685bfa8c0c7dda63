"""The list of everything that runs on one machine, PostgreSQL apart; add a process here."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from evergreen.local.airflow import NO_TELEMETRY, airflow_services, environment
from evergreen.local.connections import http_entry, sql_entry, write_connections
from evergreen.local.ports import LOOPBACK
from evergreen.local.postgres import Urls
from evergreen.local.probes import answers
from evergreen.local.process import Service
from evergreen.local.secrets import secret
from evergreen.local.settings import LocalSettings

_SAMPLES_KEY = "weather_api_key"


def prepare(settings: LocalSettings, urls: Urls) -> None:
    """Write what the processes read at start: folders, keys and connections."""
    for folder in (settings.logs, settings.run, settings.landing, settings.absolute_home / "mlflow"):
        folder.mkdir(parents=True, exist_ok=True)
    secret(settings.secrets, "api_key")
    entries = {"predictions_db": sql_entry(urls.predictions)}
    if settings.samples:
        entries["fleet_db"] = entries["crm_db"] = sql_entry(urls.sources)
        entries["weather_api"] = http_entry(settings.samples_url, secret(settings.secrets, _SAMPLES_KEY))
    write_connections(settings.secrets / "connections.json", entries)


def services(settings: LocalSettings, urls: Urls, outer: Mapping[str, str]) -> list[Service]:
    """All processes, in the order in which they are shown; each starts as soon as what it `needs` is ready."""
    return [
        *([samples(settings, urls, outer)] if settings.samples else []),
        *airflow_services(settings, urls, outer),
        *([] if settings.mlflow_uri else [mlflow(settings, urls, outer)]),
        service(settings, urls, outer),
    ]


def samples(settings: LocalSettings, urls: Urls, outer: Mapping[str, str]) -> Service:
    """The sample sources: a database, an API, file drops, and the clock they agree on."""
    return Service(
        name="sample-sources",
        command=(
            *(sys.executable, "-m", "sample_sources", "serve", "--port", str(settings.samples_port)),
            *("--api-key-file", str(settings.secrets / _SAMPLES_KEY)),
        ),
        environment={
            **environment(settings, urls, outer),
            # Not as arguments: everyone on the machine may read those.
            "SAMPLE_SOURCES_DATABASE_URL": urls.sources,
            "SAMPLE_SOURCES_LANDING": str(settings.landing),
        },
        ready=answers(f"{settings.samples_url}/healthz"),
        url=settings.samples_url,
        port=settings.samples_port,
        port_setting="EVERGREEN_SAMPLES_PORT",
        folder=settings.absolute_home,
        stop_late=True,
    )


def mlflow(settings: LocalSettings, urls: Urls, outer: Mapping[str, str]) -> Service:
    """MLflow's server and web UI over the embedded database; runs are logged into the same database directly."""
    return Service(
        name="mlflow",
        command=(
            *(sys.executable, "-m", "mlflow", "server", "--host", LOOPBACK, "--port", str(settings.mlflow_port)),
            *("--workers", "1", "--no-serve-artifacts"),
        ),
        environment={
            **outer,
            **NO_TELEMETRY,
            "MLFLOW_BACKEND_STORE_URI": urls.mlflow,
            "MLFLOW_DEFAULT_ARTIFACT_ROOT": (settings.absolute_home / "mlflow").as_uri(),
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        },
        ready=answers(f"{settings.mlflow_url}/health"),
        url=settings.mlflow_url,
        port=settings.mlflow_port,
        port_setting="EVERGREEN_MLFLOW_PORT",
        folder=settings.absolute_home,
        stop_late=True,
    )


def service(settings: LocalSettings, urls: Urls, outer: Mapping[str, str]) -> Service:
    """The prediction service; alive from the start, ready for predictions once there is a release."""
    return Service(
        name="service",
        command=(sys.executable, "-m", "evergreen", "serve", "--host", LOOPBACK, "--port", str(settings.service_port)),
        environment=environment(settings, urls, outer),
        ready=answers(f"{settings.service_url}/healthz"),
        url=settings.service_url,
        port=settings.service_port,
        port_setting="EVERGREEN_SERVICE_PORT",
        folder=settings.absolute_home,
    )
