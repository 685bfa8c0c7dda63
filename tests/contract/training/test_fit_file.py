"""What `evergreen fit` reports of a search, through the library."""

from __future__ import annotations

import json
import time
from pathlib import Path

import polars as pl
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.tabular.fit import FitOrder, fit_file
from evergreen.tabular.use_case import FitOptions


def test_with_nested_folds_the_report_has_the_score_of_searches_that_never_saw_them(tmp_path: Path) -> None:
    hashed_rows(150).select("x", "z", "few", pl.col("y").cast(pl.Int8)).write_csv(tmp_path / "rows.csv")
    like = hashed(candidates="logistic_regression, decision_tree", split="method: nested, folds: 2")
    said: list[str] = []
    order = FitOrder(
        tmp_path / "rows.csv", FitOptions("y"), tmp_path / "model", budget=None, trials=2, workers=1, seed=1, like=like
    )
    report = fit_file(order, began=time.monotonic(), clock=time.monotonic, say=said.append)
    assert report.notes[-1].startswith("nested: searches that never saw a fold come to roc_auc 0.")
    assert report.notes[-1] in json.loads((tmp_path / "model" / "report.json").read_text())["notes"]
    assert sum("on rows that its search never saw" in line for line in said) == 2
