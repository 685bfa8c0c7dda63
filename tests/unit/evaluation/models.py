"""Predictors whose errors are known, and gate windows made up around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from tests.unit.training.tables import START, TIME

from evergreen.artifacts import GateDecision, Snapshot
from evergreen.evaluation.gate import gate
from evergreen.hashing import file_sha256
from evergreen.spec import UseCase
from evergreen.tasks import BINARY, Task


@dataclass(frozen=True)
class Says:
    """Stands for a fitted model: its probability (or number) lies in a column of the window."""

    column: str
    task: Task = BINARY
    positive: Any = True
    schema: tuple[Any, ...] = ()
    classes: tuple[Any, ...] = (False, True)
    pipeline: Any = None

    def predict(self, rows: pl.DataFrame) -> pl.DataFrame:
        said = rows[self.column]
        if not self.task.has_classes:
            return pl.DataFrame({"prediction": said})
        return pl.DataFrame({"prediction": said >= 0.5, "probability": said})


def window_rows(
    days: int, per_day: int, seed: int, *, better: float = 0.0, day_noise: float = 0.0, groups: int = 4
) -> pl.DataFrame:
    """Two models of equal noise, of which `new` has `better` more signal; `day_noise`: errors shared by a day's rows.

    Which of the two is hurt by a day is drawn for each of them, so the difference itself varies from day to day.
    """
    rng = np.random.default_rng(seed)
    n = days * per_day
    day = np.repeat(np.arange(days), per_day)
    truth = rng.random(n) < 0.4
    signal = np.where(truth, 1.0, -1.0)

    def said(strength: float) -> np.ndarray[Any, Any]:
        of_day = 1 + day_noise * rng.normal(size=days)[day]
        raw = strength * of_day * signal * 0.5 + rng.normal(size=n)
        return 1 / (1 + np.exp(-raw))

    return pl.DataFrame(
        {
            "id": [f"k{i}" for i in range(n)],
            "_at": pl.Series([START + timedelta(days=int(d), seconds=i) for i, d in enumerate(day)], dtype=TIME),
            "group": [f"g{v}" for v in rng.integers(0, groups, n)],
            "old": said(1.0),
            "new": said(1.0 + better),
            "flat": np.full(n, 0.4),
            "y": truth,
        }
    )


def taken(rows: pl.DataFrame, folder: Path) -> Snapshot:
    """The rows as the gate window of a snapshot that has nothing else."""
    path = folder / "window.parquet"
    rows.write_parquet(path)
    end = rows["_at"].max() if rows.height else START
    return Snapshot(
        use_case="timed", as_of=START, train=path, train_sha256="", train_rows=0, window=path,
        window_sha256=file_sha256(path), window_rows=rows.height, window_start=START, window_end=end,
    )  # fmt: skip


def judged(use_case: UseCase, rows: pl.DataFrame, folder: Path, **said: Any) -> GateDecision:
    """The gate's decision of `new` against `old`."""
    given: dict[str, Any] = {
        "model_version": 2, "dataset_version": 7, "challenger": Says("new"), "rival": Says("old"),
        "against": "release 3", "window_uses": 0, "seed": 1,
        "latency": lambda _model, _rows: 0.004,
    }  # fmt: skip
    return gate(use_case, snapshot=taken(rows, folder), **{**given, **said})


def reason(decision: GateDecision, check: str) -> Any:
    """The reason of a check."""
    return next(found for found in decision.reasons if found.check == check)
