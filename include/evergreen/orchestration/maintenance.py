"""`maintenance`: collect garbage → verify → back up the ledger → wake what was missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, AssetAlias, task

from evergreen.loop.flow import wakes
from evergreen.orchestration.assets import asset_of
from evergreen.orchestration.common import cron
from evergreen.orchestration.steps import RETRIES, as_task

DOC = """
Keeps the instance in order, once a week.

Removes what no dataset version names, makes up for second copies that a remote did not take, hashes every file of every
version here and on the remote, backs up the ledger, and wakes the DAGs of work that an asset event did not reach.
"""


def maintenance_dag() -> DAG:
    """The weekly maintenance of all use cases."""
    with DAG(
        dag_id="maintenance",
        description="Keeps the instance in order",
        doc_md=DOC,
        schedule=cron("0 6 * * 0"),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=12),
        tags=["evergreen", "maintenance"],
        default_args={"owner": "evergreen", **RETRIES},
        is_paused_upon_creation=False,
    ) as dag:

        @task
        @as_task
        def collect_garbage() -> int:
            """Objects that no version names; how many were removed."""
            from evergreen.loop import maintenance
            from evergreen.orchestration.door import open_instance

            return maintenance.collect_garbage(open_instance(), datetime.now(UTC))

        @task(trigger_rule="all_done")
        @as_task
        def verify() -> None:
            """Make up for second copies, and hash every file; fails with what is wrong and the next step."""
            from evergreen.loop import maintenance
            from evergreen.orchestration.door import open_instance

            maintenance.must_be_sound(maintenance.verify(open_instance()))

        @task(trigger_rule="all_done")
        @as_task
        def back_up_ledger() -> str:
            """Every table of the ledger as gzipped CSV; the folder."""
            from evergreen.loop import maintenance
            from evergreen.orchestration.door import open_instance

            return str(maintenance.back_up_ledger(open_instance(), datetime.now(UTC)))

        @task(trigger_rule="all_done", outlets=[AssetAlias("evergreen.missed")])
        @as_task
        def wake_missed(*, outlet_events: Any) -> int:
            """Emit the asset of every open item once more; claiming makes doubles harmless."""
            from evergreen.loop import maintenance
            from evergreen.orchestration.door import open_instance

            wanted = {(item.use_case, wakes(item.kind)) for item in maintenance.missed(open_instance())}
            for use_case, name in sorted(wanted):
                outlet_events[AssetAlias("evergreen.missed")].add(asset_of(use_case, name))
            return len(wanted)

        collect_garbage() >> verify() >> back_up_ledger() >> wake_missed()
    return dag
