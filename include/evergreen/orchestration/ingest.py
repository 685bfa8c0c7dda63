"""`<uc>.ingest`: extract (a task a source) → prepare → validate → publish."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from evergreen.orchestration.assets import Assets
from evergreen.orchestration.common import AS_OF, cron, dag_arguments
from evergreen.orchestration.steps import step
from evergreen.spec import UseCase

DOC = """
Reads what the sources have new, checks it, and publishes it as the next dataset version.

Each night it reads on from where the last published version stopped. Rows that break a rule go to quarantine; if more
than `quality.quarantine_at_most` do, nothing is published. A version is whole or absent: whatever is killed on the way,
the next run begins again from the last published one.

**Parameters**
- `as_of`: read everything up to this data time, e.g. `2013-03-01T02:00Z`. Empty: the simulated clock, if the use
  case has one, else the end of the run's interval.
"""


def ingest_dag(use_case: UseCase) -> DAG:
    """The nightly ingest of a use case."""
    name = use_case.name
    with DAG(
        **dag_arguments(use_case, "ingest", DOC, timeout=timedelta(hours=12)),
        schedule=cron(use_case.schedule.ingest),
        params={"as_of": Param(None, type=["null", "string"], title="Data time", description=AS_OF)},
    ) as dag:

        @task(task_display_name="begin")
        @step
        def begin() -> dict[str, Any]:
            """Adopt what was done by hand, look for holds, note the parent version."""
            from evergreen.loop import ingest
            from evergreen.orchestration.door import data_time_of, open_instance

            instance, context = open_instance(), get_current_context()
            as_of = data_time_of(context, instance.clock_of(name))
            return ingest.plan(instance, name, context["run_id"], as_of).model_dump(mode="json")

        @task(map_index_template="{{ source }}")
        @step
        def extract(source: str, run: dict[str, Any]) -> dict[str, Any]:
            """Read one source's new rows into the run's staging folder."""
            from evergreen.loop import ingest
            from evergreen.orchestration.door import open_instance

            get_current_context()["source"] = source  # type: ignore[typeddict-unknown-key]
            plan = ingest.IngestPlan.model_validate(run)
            return ingest.extract(open_instance(), plan, source).model_dump(mode="json")

        @task
        @step
        def prepare(run: dict[str, Any], batches: list[dict[str, Any]]) -> dict[str, Any]:
            """Append to the source states and rebuild the table rows they touch."""
            from evergreen.artifacts import BatchRef
            from evergreen.loop import ingest
            from evergreen.orchestration.door import open_instance

            refs = [BatchRef.model_validate(batch) for batch in batches]
            plan = ingest.IngestPlan.model_validate(run)
            return ingest.prepare(open_instance(), plan, refs).model_dump(mode="json")

        @task
        @step
        def validate(run: dict[str, Any], staged: dict[str, Any]) -> dict[str, Any]:
            """Hold the rows against the expectations; the failing ones go to quarantine."""
            from evergreen.artifacts import StagedVersion
            from evergreen.loop import ingest
            from evergreen.orchestration.door import open_instance

            plan = ingest.IngestPlan.model_validate(run)
            return ingest.validate(open_instance(), plan, StagedVersion.model_validate(staged)).model_dump(mode="json")

        @task(outlets=[Assets.of(name).dataset])
        @step
        def publish(run: dict[str, Any], staged: dict[str, Any]) -> dict[str, Any]:
            """Make the version visible in one step and note it in the ledger."""
            from evergreen.artifacts import StagedVersion
            from evergreen.loop import ingest
            from evergreen.orchestration.door import open_instance

            plan = ingest.IngestPlan.model_validate(run)
            version = ingest.publish(open_instance(), plan, StagedVersion.model_validate(staged))
            return version.model_dump(mode="json")

        run = begin()
        batches = extract.partial(run=run).expand(source=list(use_case.sources))
        staged = prepare(run, batches)
        publish(run, validate(run, staged))
    return dag
