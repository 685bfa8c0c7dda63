"""How long Airflow itself takes in the ingest runs of a running instance: wall time less the tasks' own time.

    make up            # in another terminal, or after `make demo`
    .venv/bin/python tests/benchmarks/bench_orchestration.py

A run's tasks are a chain with one mapped step, so its own time is the sum over steps of the longest instance.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import defaultdict
from datetime import datetime
from typing import Any

from evergreen.local.airflow import login
from evergreen.local.settings import LocalSettings
from evergreen.local.story.airflow_client import AirflowClient


def seconds(item: dict[str, Any]) -> float:
    """From start to end."""
    start, end = (datetime.fromisoformat(item[name]) for name in ("start_date", "end_date"))
    return (end - start).total_seconds()


def main(dag_id: str = "flights.ingest") -> int:
    """Print one line a run, newest last, and the median overhead."""
    settings = LocalSettings()
    client = AirflowClient(settings.airflow_url, *login(settings))
    overheads = []
    for run in client.runs(dag_id):
        tasks = client.task_instances(run)
        if run.state != "success" or any(item["state"] != "success" for item in tasks):
            continue
        steps: dict[str, float] = defaultdict(float)
        for item in tasks:
            steps[item["task_id"]] = max(steps[item["task_id"]], seconds(item))
        own = sum(steps.values())
        overheads.append(run.seconds - own)
        parts = {name: round(value, 1) for name, value in steps.items()}
        print(f"{run.run_id}: {run.seconds:.1f} s, of it {run.seconds - own:.1f} s overhead; {json.dumps(parts)}")
    if not overheads:
        print(f"no successful run of {dag_id} to look at; start one first")
        return 1
    print(f"median overhead {statistics.median(overheads):.1f} s over {len(overheads)} runs of {len(steps)} steps")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
