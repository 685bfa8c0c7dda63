"""Evergreen keeps models fresh: the library behind the DAGs, usable without Airflow."""

__version__ = "0.1.0"
