"""The Airflow DAGs of the use case churn (include/use_cases/churn/use_case.yaml)."""

from evergreen.orchestration import build_dags

globals().update(build_dags("churn"))
