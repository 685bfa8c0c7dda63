"""The only package that knows Airflow: it builds a use case's DAGs from its YAML."""

from .build import build_dags
from .maintenance import maintenance_dag
from .rollback import rollback_dag

__all__ = ["build_dags", "maintenance_dag", "rollback_dag"]
