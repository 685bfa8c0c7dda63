"""The Airflow DAGs of the use case flights (include/use_cases/flights/use_case.yaml)."""

from evergreen.orchestration import build_dags

globals().update(build_dags("flights"))
