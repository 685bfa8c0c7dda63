"""What can be set about the local services: `EVERGREEN_*` in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from evergreen.local.ports import LOOPBACK


class LocalSettings(BaseSettings):
    """The settings of one machine's services. The ports are those a browser is pointed at; all listen on 127.0.0.1."""

    model_config = SettingsConfigDict(env_prefix="EVERGREEN_", frozen=True, extra="ignore", env_ignore_empty=True)

    home: Path = Path(".evergreen")
    use_cases: Path = Path("include/use_cases")
    profile: Literal["standard", "demo"] = "standard"
    repository: Path = Path(__file__).resolve().parents[3]
    """The checkout: its `dags/`, `plugins/` and `include/` are what Airflow runs."""
    airflow_port: int = 8080
    mlflow_port: int = 5000
    service_port: int = 3000
    samples_port: int = 8090
    samples: bool = True
    """Run the sample sources, and let Airflow live by their clock unless EVERGREEN_CLOCK says otherwise."""
    clock: str | None = None
    mlflow_uri: SecretStr | None = None
    """An MLflow server of one's own; then none is started here."""

    @property
    def absolute_home(self) -> Path:
        """`home`, wherever the reader's working folder is."""
        return self.home.absolute()

    @property
    def secrets(self) -> Path:
        """Generated log-ins and keys."""
        return self.absolute_home / "secrets"

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.absolute_home / "logs"

    @property
    def run(self) -> Path:
        """Locks, pids and endpoints of what runs now."""
        return self.absolute_home / "run"

    @property
    def landing(self) -> Path:
        """Where file drops arrive."""
        return self.absolute_home / "landing"

    @property
    def airflow_url(self) -> str:
        """Airflow's web UI and API."""
        return f"http://{LOOPBACK}:{self.airflow_port}"

    @property
    def mlflow_url(self) -> str:
        """MLflow's web UI and API."""
        return f"http://{LOOPBACK}:{self.mlflow_port}"

    @property
    def service_url(self) -> str:
        """The prediction service."""
        return f"http://{LOOPBACK}:{self.service_port}"

    @property
    def samples_url(self) -> str:
        """The sample sources' API and clock."""
        return f"http://{LOOPBACK}:{self.samples_port}"
