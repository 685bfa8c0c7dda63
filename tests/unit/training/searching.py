"""A snapshot and a search as tests of training need them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
from tests.unit.training.tables import START, write

from evergreen.artifacts import Snapshot
from evergreen.spec import UseCase
from evergreen.training.search.search import search
from evergreen.training.split.snapshot import snapshot
from evergreen.training.trial.worker import Here

END = START + timedelta(days=30)
LINEAR = "logistic_regression"


def taken(use_case: UseCase, rows: pl.DataFrame, folder: Path) -> Snapshot:
    return snapshot(use_case, write(rows, folder / "table"), as_of=END, into=folder / "snapshot")


def run(use_case: UseCase, made: Snapshot, storage: str | None, trials: int, **said: Any) -> Any:
    given = {
        "study": "s", "worker": 0, "workers": 1, "timeout": timedelta(minutes=5), "seed": 1, "progress": lambda _: None,
        "judging": Here,
    }  # fmt: skip
    return search(use_case, made, storage=storage, trials=trials, **{**given, **said})
