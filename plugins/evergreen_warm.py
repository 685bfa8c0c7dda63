"""What most tasks import, imported once by the scheduler: most of a quiet night used to be imports.

With the LocalExecutor a task's process is a fork of a worker's, which is a fork of the scheduler's, so a task finds
imported what the scheduler has imported. Only libraries, never Evergreen itself: a change of its code takes effect with
the next task. A library that is only imported has begun no pool of threads that a fork would lose (the tests fork and
compute with each of them). Other executors start their workers otherwise, and nothing here is done for them.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from importlib import import_module

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

LIBRARIES = (
    "pandas",
    "polars",
    "great_expectations.expectations",
    "skops.io",
    "mlflow",
    "optuna",
    "matplotlib.figure",
    "evidently.presets",
)
_QUIET = {"GX_ANALYTICS_ENABLED": "false", "MLFLOW_CONFIGURE_LOGGING": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
"""Read at their import, as the tasks set it."""

log = logging.getLogger(__name__)


def import_libraries() -> None:
    """Import them all, quietly. One that can't be imported is the task's to complain of."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in LIBRARIES:
            try:
                import_module(name)
            except ImportError as error:
                log.warning("%s could not be imported ahead of the tasks: %s", name, error)
    log.info("imported ahead of the tasks: %s", ", ".join(LIBRARIES))


class BeforeTheScheduler:
    """Airflow's listener: called when one of its long-lived processes, or a task, begins."""

    @hookimpl
    def on_starting(self, component: object) -> None:  # noqa: ARG002 - Airflow's signature; it says nothing yet
        """Import in the scheduler, before it makes its workers."""
        if sys.argv[1:2] == ["scheduler"]:
            import_libraries()


class EvergreenWarmPlugin(AirflowPlugin):
    """Registers the listener."""

    name = "evergreen_warm"
    listeners = [BeforeTheScheduler()]  # noqa: RUF012 - Airflow's base class declares plain lists
