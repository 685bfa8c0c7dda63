"""What a door hands in: settings from the environment, the embedded servers, connections and keys."""

from __future__ import annotations

from evergreen.connections import Resolver
from evergreen.loop.instance import Instance
from evergreen.settings import Settings


def open_instance(settings: Settings | None = None, connect: Resolver | None = None) -> Instance:
    """An instance for this process. Starts the embedded PostgreSQL when no database is configured and none runs.

    `connect` finds connections; by default they are read from the connections file and the environment.
    """
    from evergreen.local.connections import file_resolver
    from evergreen.local.secrets import secret

    settings = settings or Settings()
    database = _database(settings)
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


def _database(settings: Settings) -> str:
    """The ledger's database: the one that is named, else that of the named server, else the embedded server's."""
    from evergreen.local.postgres import EmbeddedPostgres

    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    if settings.postgres_url is not None:
        server = settings.postgres_url.get_secret_value().replace("postgresql://", "postgresql+psycopg2://", 1)
        return _sibling(server, "evergreen")
    return EmbeddedPostgres(settings.home.absolute()).ensure().evergreen


def _sibling(database_url: str, name: str) -> str:
    """Another database of the same server."""
    from sqlalchemy import make_url

    return make_url(database_url).set(database=name).render_as_string(hide_password=False)
