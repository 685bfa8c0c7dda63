"""Lets `mlflow.pyfunc.load_model` read a saved predictor; MLflow finds this module by the name in `MLmodel`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from evergreen.features.predictor import Predictor

if TYPE_CHECKING:
    import pandas as pd


class PandasPredictor:
    """A predictor that takes and gives pandas frames."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor

    def predict(self, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002 - MLflow's signature
        """As `Predictor.predict`."""
        import polars as pl

        return self.predictor.predict(pl.from_pandas(model_input)).to_pandas()


def _load_pyfunc(path: str) -> PandasPredictor:
    return PandasPredictor(Predictor.load(Path(path)))
