"""`<uc>.monitor`: measure → decide → wake training, only on a yes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, AssetOrTimeSchedule, get_current_context, task

from evergreen.orchestration.alerts import look_for_missing
from evergreen.orchestration.assets import Assets
from evergreen.orchestration.common import cron, dag_arguments
from evergreen.orchestration.steps import step
from evergreen.spec import UseCase

DOC = """
Looks at the newest dataset version and decides whether retraining pays.

`measure` compares the newest window with the rows that the active model learned from, and its predictions with the
labels
that have come. `decide` weighs this against labelled rows, cooldown and budget; a no is recorded with its reasons
like a
yes. `wake_training` is skipped on a no.

Wakes on a new dataset version and at the nightly `schedule.retrain`; then it also says so when the last night left no
predictions.
"""


def monitor_dag(use_case: UseCase) -> DAG:
    """Monitoring and the retrain decision of a use case."""
    name, assets = use_case.name, Assets.of(use_case.name)
    with DAG(
        **dag_arguments(use_case, "monitor", DOC, timeout=timedelta(hours=6)),
        schedule=AssetOrTimeSchedule(timetable=cron(use_case.schedule.retrain), assets=[assets.dataset]),
    ) as dag:

        @task
        @step
        def measure() -> dict[str, Any]:
            """Drift of the newest window, performance on labels that have come."""
            from evergreen.loop import monitor
            from evergreen.orchestration.door import open_instance

            instance, context = open_instance(), get_current_context()
            look_for_missing(instance, name, context)
            run = monitor.plan(instance, name, context["run_id"])
            monitor.measure(instance, run)
            return run.model_dump(mode="json")

        @task
        @step
        def decide(run: dict[str, Any]) -> dict[str, Any]:
            """Retrain or not, with every reason."""
            from evergreen.loop import monitor
            from evergreen.orchestration.door import open_instance

            return monitor.decide(open_instance(), monitor.MonitorPlan.model_validate(run)).model_dump(mode="json")

        @task(outlets=[assets.retrain])
        @step
        def wake_training(decision: dict[str, Any]) -> None:
            """Wake the train DAG; skipped on a no."""
            from evergreen.loop.errors import NothingToDo

            if not decision["retrain"]:
                raise NothingToDo("no retraining: " + "; ".join(r["text"] for r in decision["reasons"]))

        wake_training(decide(measure()))
    return dag
