"""The assets that wake one DAG after another. They only wake: what is to be done stands in the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from airflow.sdk import Asset


@dataclass(frozen=True)
class Assets:
    """A use case's assets, one an arrow of the design's flow."""

    dataset: Asset
    retrain: Asset
    model: Asset
    release: Asset
    predictions: Asset

    @classmethod
    def of(cls, use_case: str) -> Assets:
        """The assets of a use case; the same wherever they are made, since Airflow knows them by name."""
        names = ("dataset", "retrain", "model", "release", "predictions")
        return cls(**{name: Asset(name=f"{use_case}.{name}", uri=f"evergreen://{use_case}/{name}") for name in names})
