"""The Evergreen page inside Airflow's web UI: what every use case is at, read-only."""
