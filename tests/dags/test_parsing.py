"""What reading the DAG files and the plugins costs, and what it leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.dags.conftest import ROOT

HEAVY = (
    *("pandas", "polars", "sklearn", "mlflow", "dvc", "dvc_data", "great_expectations", "evidently"),
    *("bentoml", "optuna", "lightgbm", "xgboost", "numpy", "pyarrow", "psycopg2"),
)
READ = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
started = time.perf_counter()
import airflow.sdk
sdk = time.perf_counter()
before = set(sys.modules)
import runpy
def modules():
    return sorted({name.partition(".")[0] for name in set(sys.modules) - before})
plugins, dags = json.loads(sys.argv[1])
for file in plugins:
    runpy.run_path(file)
plugin, plugin_modules = time.perf_counter(), modules()
for file in dags:
    runpy.run_path(file)
read = time.perf_counter()
from evergreen.orchestration import build_dags
build_dags("flights")
again = time.perf_counter()
print(json.dumps({
    "sdk": sdk - started, "plugin": plugin - sdk, "read": read - plugin, "again": again - read,
    "plugin_modules": plugin_modules, "modules": modules(),
}))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parse")


@pytest.fixture(scope="module")
def found(home: Path) -> dict[str, Any]:
    """What a fresh process says that reads the plugin, then the DAG files, as each of Airflow's does."""
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "EVERGREEN_USE_CASES": str(ROOT / "include" / "use_cases"),
        "EVERGREEN_HOME": str(home / "evergreen"),
        "EVERGREEN_DATABASE_URL": "postgresql+psycopg2://nobody@127.0.0.1:9/nothing",
        "PYTHONPATH": str(ROOT / "include"),
    }
    files = [sorted(map(str, (ROOT / folder).glob("*.py"))) for folder in ("plugins", "dags")]
    done = subprocess.run(
        [sys.executable, "-c", READ, json.dumps(files)],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_reading_the_dag_files_imports_nothing_heavy_and_opens_nothing(found: dict[str, Any], home: Path) -> None:
    print(
        f"airflow.sdk {found['sdk']:.2f} s; over it: the plugins {found['plugin']:.2f} s, the first use case with all "
        f"imports {found['read']:.2f} s, one more {found['again']:.2f} s"
    )
    assert not set(found["modules"]) & set(HEAVY)
    assert not (home / "evergreen").exists(), "reading makes no state and reaches no database"


def test_every_airflow_process_imports_the_plugins_and_they_cost_next_to_nothing(found: dict[str, Any]) -> None:
    assert not set(found["plugin_modules"]) & {*HEAVY, "fastapi", "starlette"}


def test_the_plugin_offers_one_page_in_the_navigation(parse: Any) -> None:
    import runpy

    plugin = runpy.run_path(str(ROOT / "plugins" / "evergreen_plugin.py"))["EvergreenPlugin"]
    (app,), (view,) = plugin.fastapi_apps, plugin.external_views
    assert (app["url_prefix"], view["href"], view["icon"]) == ("/evergreen", "/evergreen/", "/evergreen/icon.svg")
    assert (view["destination"], view["nav_top_level"]) == ("nav", True)
