"""What the scheduler imports ahead of its tasks works in a process that is forked from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
FORKS = 5
START = """
import json, os, signal, sys
sys.path.insert(0, {plugins!r})
import evergreen_warm

def begins(component):
    sys.argv[1:] = [component]
    for listener in evergreen_warm.EvergreenWarmPlugin.listeners:
        listener.on_starting(component=object())
    return sorted({{name.partition(".")[0] for name in sys.modules}})

def compute():
    import numpy as np, polars as pl
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier
    x = np.random.default_rng(0).normal(size=(300, 300))
    np.linalg.svd(x @ x)
    y = (x[:, 0] > 0).astype(int)
    LGBMClassifier(n_estimators=5, verbose=-1).fit(x, y)
    HistGradientBoostingClassifier(max_iter=3).fit(x, y)
    rows = pl.DataFrame({{"group": [n % 7 for n in range(50_000)], "value": range(50_000)}})
    rows.lazy().group_by("group").agg(pl.col("value").sum()).collect()
    rows.to_pandas().groupby("group")["value"].sum()

others = [name for component in {others!r} for name in begins(component)]
loaded, ended = begins("scheduler"), []
for _ in range({forks}):
    child = os.fork()
    if not child:
        signal.alarm(60)
        try:
            compute()
        except BaseException:
            os._exit(1)
        os._exit(0)
    ended.append(os.waitpid(child, 0)[1])
print(json.dumps({{"others": others, "loaded": loaded, "ended": ended}}))
"""
OTHERS = ("api-server", "dag-processor", "triggerer", "tasks")
HEAVY = {"great_expectations", "sklearn", "mlflow", "evidently", "polars"}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is loaded after Airflow's components have begun, how forks of the scheduler ended, and what was said."""
    program = START.format(plugins=str(PLUGINS), forks=FORKS, others=OTHERS)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow"))},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    *said, answer = done.stdout.splitlines()
    return {**json.loads(answer), "said": "\n".join(said) + done.stderr}


def test_forks_of_the_scheduler_compute_with_what_it_imported(found: dict[str, Any]) -> None:
    assert set(found["loaded"]) >= HEAVY
    assert found["ended"] == [0] * FORKS


def test_it_imports_quietly(found: dict[str, Any]) -> None:
    assert "Skipping registering" not in found["said"], "what Great Expectations says at its import is for its makers"
    assert "could not be imported" not in found["said"]


def test_our_own_code_is_read_by_each_task(found: dict[str, Any]) -> None:
    assert "evergreen" not in found["loaded"]


def test_no_other_process_of_airflow_pays_for_it(found: dict[str, Any]) -> None:
    assert not HEAVY & set(found["others"])
