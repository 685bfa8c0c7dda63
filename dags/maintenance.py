"""The Airflow DAG `maintenance` of all use cases."""

from evergreen.orchestration import maintenance_dag

maintenance = maintenance_dag()
