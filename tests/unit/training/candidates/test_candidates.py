"""Every candidate of the registry, quickly; tests/contract/training has every task and what is odd about data."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.features.feature_names import Feature
from evergreen.features.fitting import fit
from evergreen.features.learner import LearnsQuantiles
from evergreen.features.libraries import libraries_of
from evergreen.features.predictor import Predictor
from evergreen.features.rule_list import RuleListClassifier, RuleListRegressor
from evergreen.hashing import file_sha256
from evergreen.spec import extras
from evergreen.spec.training import Candidate
from evergreen.tasks import task_named
from evergreen.training.candidates import CANDIDATES
from evergreen.training.candidates.base import StopsEarly
from evergreen.training.candidates.early_stopping import patience
from evergreen.training.search.search import work_of
from evergreen.training.trial.configuration import Configuration
from evergreen.training.trial.out_of_fold import read_out_of_fold
from evergreen.training.trial.worker import Here, Limits

EACH = [(name, task) for name in CANDIDATES for task in sorted(CANDIDATES[name].tasks)]
QUANTILES = [name for name in CANDIDATES if isinstance(CANDIDATES[name], LearnsQuantiles)]
SIZE = {"catboost": "iterations", "hist_gradient_boosting": "max_iter", "mlp": "max_iter"}
SIZED = {"lightgbm", "xgboost", "random_forest", "extra_trees", "balanced_forest", "easy_ensemble", *SIZE}


def small(name: str, task: str) -> dict[str, Any]:
    """The first known-good configuration, with few trees or epochs."""
    params = dict(CANDIDATES[name].known_good(task_named(task))[0])
    return {**params, SIZE.get(name, "n_estimators"): 4} if name in SIZED else params


def test_the_boosters_and_the_baseline_learn_quantiles() -> None:
    assert QUANTILES == ["lightgbm", "catboost", "xgboost", "hist_gradient_boosting", "baseline"]


def test_the_use_case_can_name_each_of_them() -> None:
    assert set(get_args(Candidate)) == set(CANDIDATES)
    assert all(candidate.name == name for name, candidate in CANDIDATES.items())


@pytest.mark.parametrize(("name", "task"), EACH)
def test_its_known_good_configurations_lie_where_it_searches(name: str, task: str) -> None:
    """A configuration outside could be tried but never varied."""
    from optuna.trial import FixedTrial

    candidate = CANDIDATES[name]
    for params in candidate.known_good(task_named(task)):
        fixed = FixedTrial({f"{name}.{key}": value for key, value in params.items()})
        assert candidate.suggest(fixed, task_named(task)) == params
        for key, value in params.items():
            assert fixed.distributions[f"{name}.{key}"]._contains(
                fixed.distributions[f"{name}.{key}"].to_internal_repr(value)
            )


@pytest.mark.parametrize("name", [name for name in CANDIDATES if name != "easy_ensemble"])
def test_it_is_saved_and_says_the_same_again(name: str, tmp_path: Path) -> None:
    rows, use_case = hashed_rows(80), hashed()
    predictor = fit(use_case, rows, CANDIDATES[name], small(name, "binary"), 3)
    predictor.save(tmp_path)
    assert Predictor.load(tmp_path).predict(rows).equals(predictor.predict(rows))
    needs = {"lightgbm": "lightgbm", "xgboost": "xgboost", "catboost": "catboost", "balanced_forest": "imblearn"}
    assert libraries_of(tmp_path) == ((needs[name],) if name in needs else ()), "whoever serves it installs these"


@pytest.mark.parametrize("name", QUANTILES)
def test_it_learns_the_quantile_that_pinball_judges(name: str, tmp_path: Path) -> None:
    rows = skewed(1200)
    use_case, params = hashed("regression", training=", metric: pinball, quantile: 0.9"), small(name, "regression")
    params |= {SIZE.get(name, "n_estimators"): 60} if name in SIZED else {}
    predictor = fit(use_case, rows, CANDIDATES[name], params, 3)
    assert (rows["y"] <= predictor.predict(rows)["prediction"]).mean() == pytest.approx(0.9, abs=0.05)
    predictor.save(tmp_path)
    assert Predictor.load(tmp_path).predict(rows).equals(predictor.predict(rows))


@pytest.mark.parametrize("name", QUANTILES)
def test_a_trial_learns_the_quantile_that_pinball_judges_and_records_it_nowhere(name: str, tmp_path: Path) -> None:
    skewed(400).write_parquet(tmp_path / "train.parquet")
    use_case = hashed("regression", name, training=", metric: pinball, quantile: 0.9")
    work = work_of(use_case, tmp_path / "train.parquet", file_sha256(tmp_path / "train.parquet"), 1, 1, tmp_path)
    tried = Configuration(name, dict(CANDIDATES[name].known_good(task_named("regression"))[0]))
    with Here(work) as here:
        judged = here.judge(tried, "one", lambda *_: True, Limits())
    folds = read_out_of_fold(tmp_path / judged.out_of_fold, judged.sha256)
    below = [(skewed(400)["y"].to_numpy()[fold.positions] <= fold.shares).mean() for fold in folds]
    assert np.mean(below) == pytest.approx(0.9, abs=0.06)
    assert set(judged.refit) <= {"n_estimators", "max_iter", "iterations"}


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_by_mae_a_booster_learns_the_mean(name: str) -> None:
    """The median takes it twice as long, and it was not surely better by it."""
    one, other = (
        fit(
            hashed("regression", training=f", metric: {metric}"),
            skewed(200),
            CANDIDATES[name],
            small(name, "regression"),
            3,
        )
        for metric in ("mae", "rmse")
    )
    assert one.predict(skewed(200)).equals(other.predict(skewed(200)))


def skewed(number: int) -> pl.DataFrame:
    """Numbers whose mean is far from their ninth decile."""
    return hashed_rows(number, task="regression").with_columns(y=pl.col("y").exp())


def test_only_who_says_so_stops_early() -> None:
    assert all(isinstance(c, StopsEarly) == c.stops_early for c in CANDIDATES.values())


def test_a_slower_learner_is_given_more_patience() -> None:
    assert [patience(rate) for rate in (0.3, 0.1, 0.05, 0.001)] == [20, 30, 60, 150]


def test_an_extra_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CANDIDATES["catboost"].why_missing() is None
    monkeypatch.setitem(extras.EXTRAS, "catboost", "no_such_package")
    assert "make .venv/.installed-dev" in str(CANDIDATES["catboost"].why_missing())


def test_rules_are_read_from_the_first_to_the_last() -> None:
    x = np.random.default_rng(0).uniform(size=(400, 2))
    y = np.where(x[:, 0] > 0.7, "high", np.where(x[:, 1] < 0.2, "low", "middle"))
    rules = RuleListClassifier(most=3, depth=1, random_state=0).fit(x, y)
    lines = rules.rules([Feature("height"), Feature("weight")], rules.values_, list(rules.classes_))
    assert lines[0].startswith("if height > 0.70")
    assert lines[1].startswith("else if weight ≤ 0.2")
    assert lines[-1].startswith("otherwise: high 0.")
    assert (rules.predict(x) == y).mean() > 0.99


def test_a_rule_says_the_mean_of_the_rows_it_covers() -> None:
    x = np.arange(100.0)[:, None]
    y = np.where(x[:, 0] < 30, 5.0, 1.0)
    rules = RuleListRegressor(most=5, depth=2, random_state=0).fit(x, y)
    assert rules.rules([Feature("age")], rules.values_, []) == ["if age ≤ 29.5: 5", "otherwise: 1"]
    none = RuleListRegressor().fit(np.ones((9, 1)), np.arange(9.0))
    assert none.rules([Feature("age")], none.values_, []) == ["always: 4"]
