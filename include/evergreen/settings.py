"""Where a running instance keeps its state and reaches its servers: `EVERGREEN_*` in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One instance's settings. Everything has an embedded default under `home`; each part moves out by one setting.

    Build it once at a door (CLI, DAG, service) and hand it on; nothing in the library reads the environment itself.
    """

    model_config = SettingsConfigDict(env_prefix="EVERGREEN_", frozen=True, extra="ignore", env_ignore_empty=True)

    home: Path = Path(".evergreen")
    use_cases: Path = Path("include/use_cases")
    profile: Literal["standard", "demo"] = "standard"
    clock: str | None = None
    """URL that answers `{"now": "<ISO time>"}`, for the use cases whose `schedule` says `clock: simulated`; None: the
    run's own interval, or the real clock by hand."""
    postgres_url: SecretStr | None = None
    """URL of a PostgreSQL server that has all the databases (`airflow`, `evergreen`, `mlflow` …) under their names."""
    database_url: SecretStr | None = None
    """SQLAlchemy URL of a PostgreSQL server's `evergreen` database; None: the embedded server under `home`."""
    registry_remote: str | None = None
    """git remote of the data registry; None: the registry stays local."""
    dvc_remote: str | None = None
    """DVC remote, e.g. `s3://bucket/path`; None: a folder under `home`."""
    mlflow_uri: SecretStr | None = None
    """MLflow tracking URI; None: the embedded PostgreSQL's `mlflow` database."""
    optuna_url: SecretStr | None = None
    """SQLAlchemy URL of Optuna's storage; None: the embedded PostgreSQL's `optuna` database."""
    service_url: str = "http://127.0.0.1:3000"
    api_key: SecretStr | None = None
    """Key of the service; None: read from `secrets/api_key` under `home`."""
    alert_url: SecretStr | None = None
    """Where alerts are posted as JSON besides the ledger, e.g. a chat's incoming webhook; its address is a secret."""

    @property
    def registry(self) -> Path:
        """The data registry's git and DVC repository."""
        return self.home.absolute() / "registry"

    @property
    def staging(self) -> Path:
        """Runs' working folders."""
        return self.home.absolute() / "staging"

    @property
    def environments(self) -> Path:
        """Libraries of releases that were packaged with others than the service's; made again when deleted."""
        return self.home.absolute() / "environments"

    @property
    def landing(self) -> Path:
        """Where file drops arrive; `{landing}` in a use case."""
        return self.home.absolute() / "landing"

    @property
    def secrets(self) -> Path:
        """Generated log-ins and keys, mode 0600 in a folder of mode 0700."""
        return self.home.absolute() / "secrets"
