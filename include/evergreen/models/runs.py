"""MLflow runs that survive a crash: each has a key, and a broken earlier one is marked as failed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEY = "evergreen.key"
_AT_ONCE = 100


@dataclass(frozen=True)
class RunLog:
    """A run that is being written."""

    client: Any
    run_id: str
    experiment: str

    @classmethod
    def begin(cls, client: Any, experiment: str, name: str, key: str, tags: Mapping[str, str]) -> RunLog:
        """Start a run; one of the same key that a crash left behind is ended as failed."""
        for old in client.search_runs([experiment], f"tags.`{KEY}` = {_quoted(key)}"):
            if old.info.status == "RUNNING":
                client.set_terminated(old.info.run_id, status="KILLED")
        run = client.create_run(experiment, run_name=name, tags={**tags, KEY: key})
        return cls(client, run.info.run_id, experiment)

    def numbers(self, params: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
        """Write parameters and metrics; a metric that is not a number is left out."""
        import time

        from mlflow.entities import Metric, Param

        now = int(time.time() * 1000)
        said = [Param(name, str(value)[:6000]) for name, value in params.items()]
        made = [Metric(name, float(value), now, 0) for name, value in metrics.items() if math.isfinite(value)]
        self.client.log_batch(self.run_id, metrics=made[:1000], params=said[:_AT_ONCE])

    def end(self) -> None:
        """The run is complete."""
        self.client.set_terminated(self.run_id)


def find_version(client: Any, name: str, key: str) -> Any | None:
    """The registered version that was logged with `key`; None where there is none."""
    found = client.search_model_versions(f"name = {_quoted(name)} and tags.`{KEY}` = {_quoted(key)}", max_results=10)
    return found[0] if found else None


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
