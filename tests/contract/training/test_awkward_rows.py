"""Rows that a search may be given: each ends in a model or in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.tasks.errors import UnusableTarget
from evergreen.training.errors import NotEnoughData
from evergreen.training.fit.winner import Winner
from evergreen.training.in_memory import search_in_memory

BOTH = "logistic_regression, lightgbm"


def found(folder: Path, rows: pl.DataFrame, task: str = "binary", candidates: str = BOTH, **said: Any) -> Winner:
    given: dict[str, Any] = {"budget": None, "trials": 2, "workers": 1, "seed": 1, "progress": lambda _: None, **said}
    return search_in_memory(hashed(task, candidates), rows, workplace=folder / "work", **given)


def test_a_target_with_one_class_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnusableTarget, match="has 1 class in 300 rows; a model needs two"):
        found(tmp_path, hashed_rows(300).with_columns(y=pl.lit(True)))
    assert not (tmp_path / "work").exists()


def test_rows_whose_target_is_missing_are_not_learned_from(tmp_path: Path) -> None:
    rows = hashed_rows(400)
    holed = rows.with_columns(y=pl.when(pl.int_range(400) % 4 == 0).then(None).otherwise("y"))
    assert found(tmp_path, holed).rows == 300


def test_a_target_of_the_wrong_type_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableTarget, match="is of type String; a regression needs numbers"):
        found(tmp_path, hashed_rows(300).with_columns(y=pl.lit("a")), task="regression")


def test_features_that_are_all_constant_give_a_model_that_says_the_shares(tmp_path: Path) -> None:
    rows = hashed_rows(300).with_columns(
        x=pl.lit(1.0), z=pl.lit(None, pl.Float64), few=pl.lit("a"), many=pl.lit("b"), flag=pl.lit(value=True)
    )
    fitted = found(tmp_path, rows)
    said = fitted.predictor.predict(rows)["probability"]
    assert said.n_unique() == 1
    assert said[0] == pytest.approx(rows["y"].mean(), abs=0.05)


def test_more_columns_than_rows(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(size=(60, 200))
    rows = hashed_rows(60).hstack(pl.DataFrame(noise, schema=[f"n{i}" for i in range(200)]))
    assert np.isfinite(found(tmp_path, rows).cv_score)


def test_infinite_values_count_as_missing(tmp_path: Path) -> None:
    rows = hashed_rows(300)
    infinite = rows.with_columns(x=pl.when(pl.int_range(300) % 7 == 0).then(float("inf")).otherwise("x"))
    missing = rows.with_columns(x=pl.when(pl.int_range(300) % 7 == 0).then(None).otherwise("x"))
    one, other = found(tmp_path / "a", infinite), found(tmp_path / "b", missing)
    assert one.fold_scores == other.fold_scores


def test_a_class_with_one_row_is_learned_with_the_others(tmp_path: Path) -> None:
    rows = hashed_rows(300, task="multiclass")
    rows = rows.with_columns(y=pl.when(pl.int_range(300) == 7).then(pl.lit("once")).otherwise("y"))
    fitted = found(tmp_path, rows, task="multiclass")
    assert "probability_once" in fitted.predictor.predict(rows).columns
    assert np.isfinite(fitted.cv_score)


def test_a_binary_class_with_one_row_can_not_be_judged(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughData, match="at least two classes"):
        found(tmp_path, hashed_rows(300).with_columns(y=pl.int_range(300) == 7))
