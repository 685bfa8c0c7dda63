"""The Airflow DAGs of the use case housing (include/use_cases/housing/use_case.yaml)."""

from evergreen.orchestration import build_dags

globals().update(build_dags("housing"))
