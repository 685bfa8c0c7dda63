"""An instance over a real ledger with the use case of the flights, and Airflow in a home of its own."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from evergreen.connections import Connection
from evergreen.errors import PermanentError
from evergreen.loop.instance import Instance
from evergreen.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "hunter2"


def no_connections(name: str) -> Connection:
    raise PermanentError(f"no connection {name}")


@pytest.fixture
def instance(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    use_cases = tmp_path / "use_cases"
    (use_cases / "flights").mkdir(parents=True)
    (use_cases / "flights" / "use_case.yaml").write_bytes(
        (ROOT / "include/use_cases/flights/use_case.yaml").read_bytes()
    )
    monkeypatch.setenv("EVERGREEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EVERGREEN_USE_CASES", str(use_cases))
    (tmp_path / "home").mkdir()
    instance = Instance(
        settings=Settings(mlflow_uri=SecretStr(f"https://me:{PASSWORD}@mlflow.example/base/")),
        database_url=database_url,
        mlflow_uri=database_url,
        optuna_url=database_url,
        connect=no_connections,
        pseudonym_key=b"key",
    )
    yield instance
    instance.engine.dispose()


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("airflow")
    os.environ.setdefault("AIRFLOW_HOME", str(home))  # read once, at Airflow's first import
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Airflow imports warns of its own deprecations
        import airflow.api_fastapi.core_api.security  # noqa: F401
    return home
