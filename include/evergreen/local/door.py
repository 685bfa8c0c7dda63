"""What a door hands in: settings from the environment, the embedded servers, connections and keys."""

from __future__ import annotations

from ..connections import Resolver
from ..loop.instance import Instance
from ..settings import Settings


def open_instance(settings: Settings | None = None, connect: Resolver | None = None) -> Instance:
    """An instance for this process. Starts the embedded PostgreSQL when no database is configured and none runs.

    `connect` finds connections; by default they are read from the connections file and the environment.
    """
    from .connections import file_resolver
    from .postgres import EmbeddedPostgres
    from .secrets import secret

    settings = settings or Settings()
    urls = None if settings.database_url else EmbeddedPostgres(settings.home.absolute()).ensure()
    if settings.database_url is not None:
        database = settings.database_url.get_secret_value()
    else:
        assert urls is not None  # noqa: S101 - one of the two is there
        database = urls.evergreen
    mlflow = settings.mlflow_uri.get_secret_value() if settings.mlflow_uri else _sibling(database, "mlflow")
    optuna = settings.optuna_url.get_secret_value() if settings.optuna_url else _sibling(database, "optuna")
    return Instance(
        settings=settings,
        database_url=database,
        mlflow_uri=mlflow,
        optuna_url=optuna,
        connect=connect or file_resolver(settings.secrets / "connections.json"),
        pseudonym_key=secret(settings.secrets, "pseudonym_key").encode(),
    )


def _sibling(database_url: str, name: str) -> str:
    """Another database of the same server."""
    from sqlalchemy import make_url

    return make_url(database_url).set(database=name).render_as_string(hide_password=False)
