"""The plain baseline: what one says without looking at anything, or at the clock alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import hashed, hashed_rows, timed, timed_rows

from evergreen.features.predictor import Predictor
from evergreen.training.plain import baseline, name_of


def with_season(task: str, days: int = 120) -> pl.DataFrame:
    """Rows each hour whose target depends on the hour of the day alone."""
    rows = timed_rows(days * 24, task=task, days=days)
    night = pl.col("at").dt.hour() < 8
    if task == "regression":
        return rows.with_columns(y=pl.col("y") + pl.when(night).then(5.0).otherwise(0.0))
    rare = pl.Series("rare", np.random.default_rng(1).random(rows.height) < 0.1)
    one, other = ("c0", "c2") if task == "multiclass" else (True, False)
    return rows.with_columns(y=pl.when(night ^ rare).then(pl.lit(one)).otherwise(pl.lit(other)))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_where_no_season_helps_it_says_the_same_of_all_rows(task: str) -> None:
    train = timed_rows(600, task=task)
    plain = baseline(timed(task), train)
    said = plain.predict(train)
    assert (name_of(plain), said.unique().height) == ("baseline", 1)
    if task == "binary":
        assert said["probability"][0] == pytest.approx(train["y"].mean())
    if task == "regression":
        assert said["prediction"][0] == pytest.approx(train["y"].mean())


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_season_of_the_day_is_found_saved_and_said(task: str, tmp_path: Path) -> None:
    train = with_season(task)
    plain = baseline(timed(task), train)
    assert name_of(plain) == "baseline (hour)"
    plain.save(tmp_path / "plain")
    rows = pl.DataFrame({"at": [train["at"][0].replace(hour=hour) for hour in (3, 15)]})
    said = Predictor.load(tmp_path / "plain").predict(rows)
    if task == "regression":
        assert said["prediction"][0] - said["prediction"][1] == pytest.approx(5, abs=0.5)
    elif task == "binary":
        assert said["probability"].to_list() == pytest.approx([0.9, 0.1], abs=0.06)
    else:
        assert said["prediction"].to_list() == ["c0", "c2"]


def test_a_time_never_seen_or_missing_has_the_mean_of_all() -> None:
    train = with_season("regression").filter(pl.col("at").dt.hour() != 12)
    plain = baseline(timed("regression"), train)
    said = plain.predict(pl.DataFrame({"at": [train["at"][0].replace(hour=12), None]}))
    assert said["prediction"].to_list() == pytest.approx([train["y"].mean()] * 2)


def test_months_are_a_season_only_over_years() -> None:
    train = timed_rows(2000, task="regression", days=360)
    summer = train.with_columns(y=pl.col("y") + pl.col("at").dt.month().is_in([6, 7, 8]).cast(pl.Float64) * 9)
    assert name_of(baseline(timed("regression"), summer)) == "baseline"
    twice = pl.concat([summer, *(summer.with_columns(pl.col("at") + timedelta(days=365 * year)) for year in (1, 2))])
    assert name_of(baseline(timed("regression"), twice)) == "baseline (month)"


def test_rows_without_a_time_have_no_season() -> None:
    assert name_of(baseline(hashed(), hashed_rows())) == "baseline"
