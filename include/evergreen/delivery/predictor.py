"""What delivery needs of a fitted model, whatever it was fitted with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import polars as pl


class InputColumn(Protocol):
    """One column a model reads: its name, its type (int, float, string, bool or datetime), whether it may be null."""

    @property
    def name(self) -> str:
        """Name of the table's column."""

    @property
    def type(self) -> str:
        """`int`, `float`, `string`, `bool` or `datetime`."""

    @property
    def nullable(self) -> bool:
        """Whether the model knows what to do without a value."""


class Predictor(Protocol):
    """A fitted pipeline from table rows to predictions."""

    @property
    def schema(self) -> Sequence[InputColumn]:
        """The columns it reads."""

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A row each, in order: `prediction`, and the other columns of its task."""


LoadPredictor = Callable[[Path], Predictor]


def load_predictor(folder: Path) -> Predictor:
    """Load a saved predictor. The caller has checked the folder's hash: loading may run code that lies in it."""
    from evergreen.features.predictor import Predictor as Fitted

    return Fitted.load(folder)
