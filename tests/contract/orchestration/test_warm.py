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
sys.argv[1:] = [{component!r}]
for listener in evergreen_warm.EvergreenWarmPlugin.listeners:
    listener.on_starting(component=object())
loaded = sorted({{name.partition(".")[0] for name in sys.modules}})

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

ended = []
for _ in range({forks} if "polars" in loaded else 0):
    child = os.fork()
    if not child:
        signal.alarm(60)
        try:
            compute()
        except BaseException:
            os._exit(1)
        os._exit(0)
    ended.append(os.waitpid(child, 0)[1])
print(json.dumps({{"loaded": loaded, "ended": ended}}))
"""


def started(component: str, home: Path) -> tuple[dict[str, Any], str]:
    """What is loaded after Airflow's `component` has begun, how its forks ended, and what was said beside that."""
    done = subprocess.run(
        [sys.executable, "-c", START.format(plugins=str(PLUGINS), component=component, forks=FORKS)],
        env={**os.environ, "AIRFLOW_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    *said, answer = done.stdout.splitlines()
    return json.loads(answer), "\n".join(said) + done.stderr


def test_forks_of_the_scheduler_compute_with_what_it_imported(tmp_path: Path) -> None:
    found, said = started("scheduler", tmp_path)
    assert {"great_expectations", "sklearn", "mlflow", "evidently"} <= set(found["loaded"])
    assert found["ended"] == [0] * FORKS
    assert "Skipping registering" not in said, "what Great Expectations says at its import is for its makers"
    assert "could not be imported" not in said


def test_our_own_code_is_read_by_each_task(tmp_path: Path) -> None:
    found, _ = started("scheduler", tmp_path)
    assert "evergreen" not in found["loaded"]


@pytest.mark.parametrize("component", ["api-server", "dag-processor", "triggerer", "tasks"])
def test_no_other_process_of_airflow_pays_for_it(component: str, tmp_path: Path) -> None:
    found, _ = started(component, tmp_path)
    assert not {"great_expectations", "sklearn", "mlflow", "evidently", "polars"} & set(found["loaded"])
