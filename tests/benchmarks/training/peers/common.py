"""What the peers' scripts share: the job and its predictions. Runs in each peer's own environment: pandas only."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Job:
    """One fit and predict, as the harness wrote it down."""

    train: str
    test: str
    """Without the target."""
    target: str
    task: str
    metric: str
    seconds: float
    seed: int
    cores: int
    workplace: str
    predictions: str
    notes: str
    options: dict[str, Any]
    """What is handed to the peer beside the above."""

    def rows(self) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
        """Learning rows, their target, and the rows to predict."""
        train = pd.read_parquet(self.train)
        return train.drop(columns=self.target), train[self.target], pd.read_parquet(self.test)

    def write(self, predicted: np.ndarray, classes: Any = None) -> None:
        """Values (regression) or one column of probabilities a class, in the order of `classes`."""
        if self.task == "regression":
            frame = pd.DataFrame({"prediction": np.asarray(predicted, dtype="float64").reshape(-1)})
        elif self.task == "binary":
            frame = pd.DataFrame({"probability": np.asarray(predicted, dtype="float64")[:, list(classes).index(1)]})
        else:
            names = [f"probability_{each}" for each in classes]
            frame = pd.DataFrame(np.asarray(predicted, dtype="float64"), columns=names)
        frame.to_parquet(self.predictions)

    def note(self, **notes: Any) -> None:
        """What a reader of the result may want to know, `fit_seconds` and `predict_seconds` among it."""
        Path(self.notes).write_text(json.dumps(notes, indent=1, default=str))


def job() -> Job:
    """The job in the file named on the command line."""
    return Job(**json.loads(Path(sys.argv[1]).read_text()))


class Watch:
    """Seconds since it was made, or last asked."""

    def __init__(self) -> None:
        self.since = time.perf_counter()

    def lap(self) -> float:
        """Seconds since the last lap."""
        now = time.perf_counter()
        seconds, self.since = now - self.since, now
        return seconds
