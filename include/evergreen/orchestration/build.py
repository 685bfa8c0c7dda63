"""From a use case's YAML to its five DAGs, in the order of the flow."""

from __future__ import annotations

from pathlib import Path

from airflow.sdk import DAG

from evergreen.orchestration.deploy import deploy_dag
from evergreen.orchestration.ingest import ingest_dag
from evergreen.orchestration.monitor import monitor_dag
from evergreen.orchestration.score import score_dag
from evergreen.orchestration.train import train_dag
from evergreen.settings import Settings
from evergreen.spec import UseCase, load_use_case


def build_dags(name: str, folder: Path | None = None) -> dict[str, DAG]:
    """The DAGs of a use case by id. Raises SpecError, which Airflow shows as the import error of the DAG's file.

    Only the YAML is read: no database, no network, no heavy import.
    """
    use_case: UseCase = load_use_case((folder or Settings().use_cases.absolute()) / name)
    dags = (build(use_case) for build in (ingest_dag, monitor_dag, train_dag, deploy_dag, score_dag))
    return {dag.dag_id: dag for dag in dags}
