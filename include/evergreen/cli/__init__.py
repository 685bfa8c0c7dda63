"""The same steps without Airflow: `evergreen check, run, trace, rollback …`."""
