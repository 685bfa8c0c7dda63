"""The plain baselines: what one says without looking at anything, and at the clock alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import hashed, hashed_rows, timed, timed_rows

from evergreen.features.predictor import Predictor
from evergreen.spec import UseCase
from evergreen.training.fit.baselines import baseline, seasonal_baseline


def with_season(task: str, days: int = 120) -> pl.DataFrame:
    """Rows each hour whose target depends on the hour of the day alone."""
    rows = timed_rows(days * 24, task=task, days=days)
    night = pl.col("at").dt.hour() < 8
    if task == "regression":
        return rows.with_columns(y=pl.col("y") + pl.when(night).then(5.0).otherwise(0.0))
    rare = pl.Series("rare", np.random.default_rng(1).random(rows.height) < 0.1)
    one, other = ("c0", "c2") if task == "multiclass" else (True, False)
    return rows.with_columns(y=pl.when(night ^ rare).then(pl.lit(one)).otherwise(pl.lit(other)))


def season(use_case: UseCase, train: pl.DataFrame) -> str | None:
    found = seasonal_baseline(use_case, train)
    return None if found is None else str(found.pipeline.named_steps["model"].season)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_baseline_says_the_same_of_all_rows(task: str) -> None:
    train = with_season(task)
    said = baseline(timed(task), train).predict(train)
    assert said.unique().height == 1
    if task == "binary":
        assert said["probability"][0] == pytest.approx(train["y"].mean())
    if task == "regression":
        assert said["prediction"][0] == pytest.approx(train["y"].mean())


@pytest.mark.parametrize(("metric", "share"), [("pinball, quantile: 0.9", 0.9), ("pinball", 0.5), ("mae", 0.5)])
def test_of_a_regression_whose_metric_judges_a_quantile_the_baselines_say_that(metric: str, share: float) -> None:
    night = 5.0 * (pl.col("at").dt.hour() < 8)
    train = with_season("regression", 400).with_columns(y=(pl.col("y") - night).exp() + 4 * night)  # far from the mean
    use_case = timed("regression", training=f", metric: {metric}")
    (same,) = set(baseline(use_case, train).predict(train)["prediction"])
    assert same == pytest.approx(train["y"].quantile(share, "linear"))
    found = seasonal_baseline(use_case, train)
    assert found is not None
    for hours in (range(8), range(8, 24)):
        rows = train.filter(pl.col("at").dt.hour().is_in(hours))
        assert (rows["y"] <= found.predict(rows)["prediction"]).mean() == pytest.approx(share, abs=0.06)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_where_the_clock_says_nothing_there_is_no_season(task: str) -> None:
    assert season(timed(task), timed_rows(600, task=task)) is None


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_season_of_the_day_is_found_and_said(task: str, tmp_path: Path) -> None:
    train = with_season(task)
    found = seasonal_baseline(timed(task), train)
    assert found is not None
    assert season(timed(task), train) == "hour"
    found.save(tmp_path / "plain")
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
    found = seasonal_baseline(timed("regression"), train)
    assert found is not None
    said = found.predict(pl.DataFrame({"at": [train["at"][0].replace(hour=12), None]}))
    assert said["prediction"].to_list() == pytest.approx([train["y"].mean()] * 2)


def test_months_are_a_season_only_over_years() -> None:
    train = timed_rows(2000, task="regression", days=360)
    summer = train.with_columns(y=pl.col("y") + pl.col("at").dt.month().is_in([6, 7, 8]).cast(pl.Float64) * 9)
    assert season(timed("regression"), summer) is None
    twice = pl.concat([summer, *(summer.with_columns(pl.col("at") + timedelta(days=365 * year)) for year in (1, 2))])
    assert season(timed("regression"), twice) == "month"


def test_rows_without_a_time_have_no_season() -> None:
    assert season(hashed(), hashed_rows()) is None
