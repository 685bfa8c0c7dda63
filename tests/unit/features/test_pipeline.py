"""From a table's columns to one fitted pipeline."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import hashed, hashed_rows, timed, timed_rows

from evergreen.features.errors import WrongColumns
from evergreen.features.fitting import fit
from evergreen.features.pipeline import input_columns
from evergreen.tasks import task_named
from evergreen.tasks.errors import UnusableTarget
from evergreen.training.candidates import CANDIDATES

ALL = ["lightgbm", "logistic_regression", "random_forest", "xgboost"]
"""What takes missing values or not, and scale or not; test_candidates.py has the others."""


def first(name: str, task: str = "binary") -> dict[str, object]:
    params = dict(CANDIDATES[name].known_good(task_named(task))[0])
    if CANDIDATES[name].stops_early or "n_estimators" in params:
        params["n_estimators"] = 10
    return params


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_candidate_learns_every_task_by_type(name: str, task: str) -> None:
    use_case, rows = timed(task), timed_rows(600, task=task)
    predictor = fit(use_case, rows, CANDIDATES[name], first(name, task), seed=0)
    said = predictor.predict(rows)
    assert said.height == rows.height
    assert said["prediction"].dtype == rows["y"].dtype
    if task == "multiclass":
        shares = said.select(pl.sum_horizontal(pl.selectors.starts_with("probability_"))).to_series()
        assert shares.to_numpy() == pytest.approx(1.0, abs=1e-5)


def test_key_target_and_own_columns_are_never_features() -> None:
    assert input_columns(timed(), dict(timed_rows(40).schema)) == ("at", "x", "z", "few", "many", "flag")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("encode", ["target", "onehot", "ordinal"])
def test_all_null_constant_boolean_and_infinite_columns_and_unseen_categories(name: str, encode: str) -> None:
    use_case = hashed(
        more=f"""
features:
  categorical: {{columns: [few, other_flag, nothing_said], encode: {encode}}}
  numeric: {{columns: [x, z, empty, untyped, same, flag], impute: none, scale: none}}
  calendar: {{columns: [seen, never], parts: [hour, weekday, month, day, dayofyear]}}
"""
    )
    rows = hashed_rows(400).with_columns(
        nothing_said=pl.lit(None, pl.String),
        other_flag=~pl.col("flag"),
        empty=pl.lit(None, pl.Float64),
        untyped=pl.lit(None),
        same=pl.lit(3),
        seen=pl.lit(datetime(2024, 5, 6, 7, tzinfo=UTC)),
        never=pl.lit(None, pl.Datetime("us", "UTC")),
        z=pl.when(pl.col("z") > 2).then(np.inf).otherwise("z"),
    )
    predictor = fit(use_case, rows, CANDIDATES[name], first(name), seed=0)
    unseen = rows.with_columns(few=pl.lit("never seen"), nothing_said=pl.lit("now said"), empty=pl.lit(1e300))
    assert predictor.predict(unseen)["probability"].is_finite().all()


def test_a_column_of_features_that_the_table_lacks_is_named() -> None:
    use_case = hashed(more="features: {numeric: {columns: [x, tempreature]}}")
    with pytest.raises(WrongColumns, match=r"tempreature.*does not have.*few, many"):
        fit(use_case, hashed_rows(50), CANDIDATES["lightgbm"], first("lightgbm"), 0)


def test_a_column_in_the_wrong_section_is_named() -> None:
    use_case = hashed(more="features: {numeric: {columns: [few]}}")
    with pytest.raises(WrongColumns, match=r"features\.numeric.*`few`, which is string"):
        fit(use_case, hashed_rows(50), CANDIDATES["lightgbm"], first("lightgbm"), 0)


def test_a_column_named_twice_is_named() -> None:
    use_case = hashed(more="features: {numeric: {columns: [x, flag]}, categorical: {columns: [flag]}}")
    with pytest.raises(WrongColumns, match="`features` names flag twice"):
        fit(use_case, hashed_rows(50), CANDIDATES["lightgbm"], first("lightgbm"), 0)


def test_a_target_with_one_class_is_refused() -> None:
    with pytest.raises(UnusableTarget, match="1 class in 50 rows"):
        fit(hashed(), hashed_rows(50).with_columns(y=pl.lit(True)), CANDIDATES["lightgbm"], first("lightgbm"), 0)


def test_a_binary_target_with_three_classes_is_refused() -> None:
    with pytest.raises(UnusableTarget, match=r"3 classes.*multiclass"):
        fit(hashed(), hashed_rows(50, task="multiclass"), CANDIDATES["lightgbm"], first("lightgbm"), 0)


def test_a_regression_target_of_text_or_infinite_numbers_is_refused() -> None:
    rows = hashed_rows(50, task="regression")
    with pytest.raises(UnusableTarget, match="needs numbers"):
        fit(hashed("regression"), rows.with_columns(pl.col("y").cast(pl.String)), CANDIDATES["lightgbm"], {}, 0)
    with pytest.raises(UnusableTarget, match="not a number in 50 of 50"):
        fit(hashed("regression"), rows.with_columns(y=pl.lit(np.inf)), CANDIDATES["lightgbm"], {}, 0)


def test_the_positive_class_is_the_one_the_use_case_names() -> None:
    rows = hashed_rows(200).with_columns(y=pl.when("y").then(pl.lit("gone")).otherwise(pl.lit("stays")))
    use_case = hashed()
    named = use_case.model_copy(update={"target": use_case.target.model_copy(update={"positive": "gone"})})
    predictor = fit(named, rows, CANDIDATES["logistic_regression"], {"C": 1.0}, 0)
    assert predictor.classes == ("stays", "gone")
    said = predictor.predict(rows)
    assert (said["prediction"].eq("gone") == (said["probability"] >= 0.5)).all()


def test_promise_4_every_fitted_statistic_is_that_of_the_training_rows() -> None:
    use_case = timed(
        more="""
features:
  categorical: {columns: [few, many], encode: target}
  numeric: {columns: [x, z], impute: mean, scale: standard}
  calendar: {columns: [at]}
"""
    )
    train = timed_rows(600)[:400]
    fitted = fit(use_case, train, CANDIDATES["logistic_regression"], {"C": 1.0}, 3).pipeline
    steps = fitted.named_steps["features"].named_transformers_
    numeric, encoder = steps["numeric"].named_steps, steps["categorical"].named_steps["categorymeans"]
    assert numeric["simpleimputer"].statistics_[0] == pytest.approx(train["x"].mean())
    assert numeric["standardscaler"].mean_[1] == pytest.approx(train["z"].mean())
    assert encoder.target_mean_ == pytest.approx(train["y"].mean())


def test_target_encoding_is_cross_fitted() -> None:
    """A category a row would carry the row's own label into its features if it were not."""
    rows = hashed_rows(400).with_columns(many=pl.col("id"))
    use_case = hashed(more="features: {categorical: {columns: [many], encode: target}}")
    rng = np.random.default_rng(0)
    rows = rows.with_columns(y=pl.Series(rng.random(400) > 0.5))
    predictor = fit(use_case, rows, CANDIDATES["logistic_regression"], {"C": 1.0}, 0)
    weight = predictor.pipeline.named_steps["model"].coef_[0, 0]
    assert abs(weight) < 1
