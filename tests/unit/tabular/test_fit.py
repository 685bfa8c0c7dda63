"""What a winner of one file is compared with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.tabular.fit import _score
from evergreen.training.trial.out_of_fold import OutOfFold


@pytest.mark.parametrize(
    ("metric", "middle"),
    [("pinball, quantile: 0.9", lambda y: np.quantile(y, 0.9)), ("mae", np.median), ("rmse", np.mean)],
)
def test_who_always_says_what_the_metric_asks_for_is_no_better_than_the_baseline(metric: str, middle: Any) -> None:
    rows = hashed_rows(200, task="regression").with_columns(y=pl.col("y").exp())
    case: Any = SimpleNamespace(use_case=hashed("regression", training=f", metric: {metric}"), rows=rows)
    same = np.full(200, middle(rows["y"].to_numpy()))
    predictor = SimpleNamespace(classes=(), threshold=0.5, costs=None)
    fitted: Any = SimpleNamespace(predictor=predictor, out_of_fold=OutOfFold(np.arange(200), same), cv_score=0.0)
    found = _score(case, fitted, 0)
    assert found.baseline == pytest.approx(found.value)
