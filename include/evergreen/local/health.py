"""Whether a part of the compose stack answers: `python -m evergreen.local.health PART`, asked inside its container.

Each container asks every few seconds for as long as it lives, so this imports neither the command line nor the
database: that took a second of processor time at each asking.
"""

from __future__ import annotations

import sys

from evergreen.local.probes import airflow_part_beats, answers

MONITOR = "http://airflow-api-server:8080/api/v2/monitor/health"
BEATS = {"scheduler": "scheduler", "dag-processor": "dag_processor", "triggerer": "triggerer"}
"""Parts that don't listen, and what Airflow's health page calls them."""
PAGES = {
    "api-server": "http://127.0.0.1:8080/api/v2/monitor/health",
    "mlflow": "http://127.0.0.1:5000/health",
    "service": "http://127.0.0.1:3000/healthz",
    "samples": "http://127.0.0.1:8090/healthz",
}


def healthy(part: str) -> bool:
    """Whether a part answers. Raises KeyError for a part that has no health."""
    if part in BEATS:
        return airflow_part_beats(MONITOR, BEATS[part])(0.0)
    return answers(PAGES[part])(0.0)


if __name__ == "__main__":
    raise SystemExit(0 if healthy(sys.argv[1]) else 1)
