"""The assets that wake one DAG after another. They only wake: what is to be done stands in the ledger."""

from __future__ import annotations

from airflow.sdk import Asset


def asset_of(use_case: str, name: str) -> Asset:
    """A use case's asset, e.g. `flights.dataset`; the same wherever it is made, since Airflow knows it by name."""
    return Asset(name=f"{use_case}.{name}", uri=f"evergreen://{use_case}/{name}")
