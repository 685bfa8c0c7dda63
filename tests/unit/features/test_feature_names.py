"""Features by name, and rules that mean what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from tests.unit.features.test_automatic import texts
from tests.unit.features.test_pipeline import first
from tests.unit.training.tables import timed, timed_rows

from evergreen.features.feature_names import features_of
from evergreen.features.fitting import fit
from evergreen.features.frames import to_pandas
from evergreen.features.predictor import Predictor
from evergreen.features.readable import rules_of
from evergreen.spec import UseCase
from evergreen.training.candidates import CANDIDATES
from evergreen.training.choose.recipe import Recipe
from evergreen.training.fit.fit_recipe import fit_recipe
from evergreen.training.trial.configuration import Configuration

SAID = """
features:
  numeric: {columns: [x, z], impute: median, scale: standard}
  categorical: {columns: [few], encode: onehot}
  calendar: {columns: [at], parts: [hour, weekday]}
"""


def rows_of(task: str = "binary") -> pl.DataFrame:
    rows = timed_rows(900, task=task)
    later = pl.col("at") + timedelta(days=1)
    return rows.with_columns(note=pl.Series(texts(900)), other=later, few=pl.col("few").fill_null("none"))


@pytest.mark.parametrize("name", ["lightgbm", "logistic_regression", "rule_list"])
@pytest.mark.parametrize("task", ["multiclass", "regression"])
@pytest.mark.parametrize("encode", ["", "target", "onehot", "ordinal"])
def test_every_feature_has_one_name(name: str, task: str, encode: str) -> None:
    more = SAID.replace("onehot", encode) if encode else ""
    rows, params = rows_of(task), first(name, task) if name != "rule_list" else {}
    predictor = fit(timed(task, more=more), rows, CANDIDATES[name], params, seed=0)
    step = predictor.pipeline.named_steps["features"]
    made = step.transform(to_pandas(rows, predictor.schema, predictor.texts))
    means = ["mean y"] if task != "multiclass" else [f"share of y {label}" for label in predictor.classes]
    names = [one.name for one in features_of(step, means)]
    assert len(names) == len(set(names)) == made.shape[1]


def of_rules(use_case: UseCase, rows: pl.DataFrame, calibration: dict[str, object] | None = None) -> Predictor:
    member = Configuration("rule_list", {"most": 6, "depth": 2, "least": 0.03})
    return fit_recipe(use_case, rows, Recipe(((member, 1.0),), calibration), 0)


def read(rules: list[str], rows: pl.DataFrame, share: str) -> pl.Series:
    """What a person says of `rows` who reads the rules from the first to the last."""
    said: pl.Expr | None = None
    for rule in reversed(rules):
        condition, _, value = rule.partition(": ")
        number = pl.lit(float(value.rpartition(share)[2].rstrip("%")))
        if said is None:
            said = number
            continue
        holds = pl.lit(True)
        for part in condition.removeprefix("else ").removeprefix("if ").split(" and "):
            holds &= _condition(part)
        said = pl.when(holds).then(number).otherwise(said)
    assert said is not None
    return rows.select(said=said).to_series()


def _condition(part: str) -> pl.Expr:
    if " is " in part:
        column, _, text = part.removeprefix("not ").partition(" is ")
        found = pl.col(column) == text
        return ~found if part.startswith("not ") else found
    column, sign, bound = part.rsplit(" ", 2)
    value = pl.col("at").dt.hour() + pl.col("at").dt.minute() / 60 if column == "hour of at" else pl.col(column)
    return value <= float(bound) if sign == "≤" else value > float(bound)


@pytest.mark.parametrize("calibration", [None, {"method": "platt", "curves": [[0.7, -0.2]]}])
def test_the_rules_say_what_the_model_says_in_the_columns_own_units(calibration: dict[str, object] | None) -> None:
    use_case = timed(more=SAID)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    rows = rows_of().with_columns(
        x=pl.col("x").fill_null(0.0) * 1000 + 5,
        at=pl.Series(
            [start + timedelta(hours=n % 24, days=n // 24) for n in range(900)], dtype=pl.Datetime("us", "UTC")
        ),
    )
    rows = rows.with_columns(y=(pl.col("x") > 800) | ((pl.col("few") == "b") & (pl.col("at").dt.hour() < 9)))
    predictor = of_rules(use_case, rows, calibration)
    rules = rules_of(predictor, "y")
    assert any("few is b" in rule for rule in rules)
    assert any("x > 7" in rule or "x > 8" in rule for rule in rules), rules
    said = predictor.predict(rows)["probability"] * 100
    assert (said - read(rules, rows, "True ")).abs().max() == pytest.approx(0, abs=0.051)


def test_a_number_is_said_as_it_is() -> None:
    rows = rows_of("regression")
    predictor = of_rules(timed("regression", more=SAID), rows)
    said, meant = predictor.predict(rows)["prediction"], read(rules_of(predictor, "y"), rows, " ")
    known = rows.select(pl.col("x").is_not_null()).to_series()
    assert (said - meant).abs().filter(known).max() == pytest.approx(0, abs=1e-4)


def test_other_models_have_no_rules(tmp_path: Path) -> None:
    predictor = fit(timed(), rows_of(), CANDIDATES["lightgbm"], first("lightgbm"), seed=0)
    predictor.save(tmp_path / "model")
    assert rules_of(Predictor.load(tmp_path / "model"), "y") == []
