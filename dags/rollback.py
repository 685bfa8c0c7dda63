"""The Airflow DAG `rollback` of all use cases."""

from evergreen.orchestration import rollback_dag

rollback = rollback_dag()
