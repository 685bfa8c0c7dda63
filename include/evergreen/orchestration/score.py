"""`<uc>.score`: score → write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, get_current_context, task
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from evergreen.orchestration.alerts import deadline_missed
from evergreen.orchestration.assets import Assets
from evergreen.orchestration.common import dag_arguments
from evergreen.orchestration.steps import step
from evergreen.spec import UseCase

DOC = """
Scores the rows that are still to come with the active release, once a release, keeps the predictions, and writes
them to
`scoring.destination`.

Wakes on a new dataset version and on a new release. When a run is not through within `scoring.deadline`, an alert is in
the ledger and on the Evergreen page.
"""


def score_dag(use_case: UseCase) -> DAG:
    """The batch scoring of a use case."""
    name, assets = use_case.name, Assets.of(use_case.name)
    with DAG(
        **dag_arguments(use_case, "score", DOC, timeout=timedelta(hours=6)),
        schedule=(assets.dataset | assets.release),
        deadline=DeadlineAlert(
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=use_case.scoring.deadline,
            callback=SyncCallback(deadline_missed, kwargs={"use_case": name}),
            name="predictions",
        ),
    ) as dag:

        @task
        @step
        def score() -> dict[str, Any]:
            """Predict the upcoming rows and keep the predictions."""
            from evergreen.loop import score as steps
            from evergreen.orchestration.door import open_instance

            return steps.score(open_instance(), name, get_current_context()["run_id"]).model_dump(mode="json")

        @task(outlets=[assets.predictions])
        @step
        def write(scored: dict[str, Any]) -> None:
            """Write them where the use case wants them."""
            from evergreen.loop import score as steps
            from evergreen.orchestration.door import open_instance

            steps.write(open_instance(), steps.Scored.model_validate(scored))

        write(score())
    return dag
