"""The only package that knows Airflow: it builds a use case's DAGs from its YAML."""

from evergreen.orchestration.build import build_dags
from evergreen.orchestration.maintenance import maintenance_dag
from evergreen.orchestration.rollback import rollback_dag

__all__ = ["build_dags", "maintenance_dag", "rollback_dag"]
