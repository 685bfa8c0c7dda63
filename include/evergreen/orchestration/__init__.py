"""The only package that knows Airflow: it builds a use case's DAGs from its YAML."""

from .build import build_dags

__all__ = ["build_dags"]
