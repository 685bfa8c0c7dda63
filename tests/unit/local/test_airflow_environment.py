from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from evergreen.local import airflow
from evergreen.local.postgres import Urls
from evergreen.local.settings import LocalSettings

URLS = Urls(**{name: f"postgresql://x/{name}" for name in Urls.__dataclass_fields__})


@pytest.fixture
def settings(tmp_path: Path) -> LocalSettings:
    return LocalSettings(home=tmp_path / "home", airflow_port=18081, samples_port=18091, profile="demo")


def test_every_address_is_on_loopback_and_follows_the_port(settings: LocalSettings):
    variables = airflow.environment(settings, URLS, {})
    assert variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert variables["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:18081/execution/"
    assert variables["EVERGREEN_CLOCK"] == "http://127.0.0.1:18091/clock"
    assert "127.0.0.1" in variables["NO_PROXY"]


def test_keys_and_passwords_are_private_and_stay(settings: LocalSettings):
    first = airflow.environment(settings, URLS, {})
    again = airflow.environment(settings, URLS, {})
    for key in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"):
        assert first[key] == again[key]
    user, password = airflow.login(settings)
    assert json.loads(airflow.password_file(settings).read_text()) == {user: password}
    for path in settings.secrets.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_tuning_from_outside_wins_and_addresses_do_not(settings: LocalSettings):
    outer = {
        "AIRFLOW__CORE__PARALLELISM": "1",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:///elsewhere",
        "AIRFLOW_HOME": "/elsewhere",
        "EVERGREEN_DVC_REMOTE": "s3://bucket",
        "EVERGREEN_CLOCK": "overridden by the settings",
        "PYTHONPATH": "/mine",
    }
    variables = airflow.environment(settings.model_copy(update={"clock": "http://clock"}), URLS, outer)
    assert variables["AIRFLOW__CORE__PARALLELISM"] == "1"
    assert variables["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == URLS.airflow
    assert variables["AIRFLOW_HOME"] == str(settings.absolute_home / "airflow")
    assert variables["EVERGREEN_DVC_REMOTE"] == "s3://bucket"
    assert variables["EVERGREEN_CLOCK"] == "http://clock"
    assert variables["PYTHONPATH"].split(":") == [str(settings.repository / "include"), "/mine"]


def test_the_scheduler_is_quick_in_the_demo_and_calm_otherwise(settings: LocalSettings):
    name = "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME"
    assert airflow.environment(settings, URLS, {})[name] == "0.2"
    assert airflow.environment(settings.model_copy(update={"profile": "standard"}), URLS, {})[name] == "0.5"
