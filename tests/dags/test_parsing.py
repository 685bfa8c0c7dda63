"""What reading the DAG files and the plugin costs, and what it leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

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
for file in sys.argv[2:]:
    runpy.run_path(file)
read = time.perf_counter()
from evergreen.orchestration import build_dags
build_dags("flights") if sys.argv[1] == "again" else None
again = time.perf_counter()
modules = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps({"sdk": sdk - started, "read": read - sdk, "again": again - read, "modules": sorted(modules)}))
"""


def read(home: Path, *arguments: str) -> dict[str, Any]:
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "EVERGREEN_USE_CASES": str(ROOT / "include" / "use_cases"),
        "EVERGREEN_HOME": str(home / "evergreen"),
        "EVERGREEN_DATABASE_URL": "postgresql+psycopg2://nobody@127.0.0.1:9/nothing",
        "PYTHONPATH": str(ROOT / "include"),
    }
    done = subprocess.run(
        [sys.executable, "-c", READ, *arguments], env=environment, cwd=home, capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_reading_the_dag_files_imports_nothing_heavy_and_opens_nothing(tmp_path: Path) -> None:
    files = sorted(str(path) for path in (ROOT / "dags").glob("*.py"))
    found = read(tmp_path, "again", *files)
    print(
        f"airflow.sdk {found['sdk']:.2f} s; over it: the first use case with all imports {found['read']:.2f} s, "
        f"one more {found['again']:.2f} s"
    )
    assert not set(found["modules"]) & set(HEAVY)
    assert not (tmp_path / "evergreen").exists(), "reading makes no state and reaches no database"


def test_every_airflow_process_imports_the_plugin_and_it_costs_next_to_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, "once", str(ROOT / "plugins" / "evergreen_plugin.py"))
    assert not set(found["modules"]) & {*HEAVY, "fastapi", "starlette"}


def test_the_plugin_offers_one_page_in_the_navigation(parse: Any) -> None:
    import runpy

    plugin = runpy.run_path(str(ROOT / "plugins" / "evergreen_plugin.py"))["EvergreenPlugin"]
    (app,), (view,) = plugin.fastapi_apps, plugin.external_views
    assert (app["url_prefix"], view["href"], view["icon"]) == ("/evergreen", "/evergreen/", "/evergreen/icon.svg")
    assert (view["destination"], view["nav_top_level"]) == ("nav", True)
