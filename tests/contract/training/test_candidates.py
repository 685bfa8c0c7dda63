"""Every candidate on every task it can do: what a search, a release and an owner rely on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.contract.training.test_early import said
from tests.unit.training.candidates.test_candidates import EACH, small
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.features.fitting import fit
from evergreen.features.predictor import Predictor
from evergreen.tasks import task_named
from evergreen.training.candidates import CANDIDATES

pytestmark = pytest.mark.long


def target(task: str, signal: Any) -> Any:
    return signal if task == "regression" else np.digitize(signal, [0.0] if task == "binary" else [-0.7, 0.7])


def model(name: str, task: str, x: Any, y: Any) -> Any:
    return CANDIDATES[name].build(task_named(task), small(name, task), 0, 1).fit(x, y)


@pytest.mark.parametrize(("name", "task"), EACH)
def test_it_learns_is_saved_and_says_the_same_again(name: str, task: str, tmp_path: Path) -> None:
    rows, use_case = hashed_rows(150, task=task), hashed(task)
    predictor = fit(use_case, rows, CANDIDATES[name], small(name, task), 3)
    given = predictor.predict(rows)
    predictor.save(tmp_path)
    assert Predictor.load(tmp_path).predict(rows).equals(given)
    assert fit(use_case, rows, CANDIDATES[name], small(name, task), 3).predict(rows).equals(given), "same seed"
    if task == "multiclass":
        shares = given.select(pl.sum_horizontal(pl.selectors.starts_with("probability_"))).to_series()
        assert shares.to_numpy() == pytest.approx(1.0, abs=1e-5)
    numbers = given.select(pl.selectors.float())
    assert np.isfinite(numbers.to_numpy()).all()


@pytest.mark.parametrize(("name", "task"), EACH)
def test_more_columns_than_rows_of_which_some_are_constant(name: str, task: str) -> None:
    x = np.random.default_rng(0).normal(size=(24, 40))
    x[:, 10:20] = 1.0
    y = target(task, x[:, 0] + x[:, 1])
    assert np.isfinite(said(model(name, task, x, y), x)).all()


@pytest.mark.parametrize(("name", "task"), EACH)
def test_all_features_constant(name: str, task: str) -> None:
    x, y = np.ones((30, 2)), target(task, np.linspace(-2, 2, 30))
    found = said(model(name, task, x, y), x)
    assert np.isfinite(found).all()
    assert np.ptp(found, axis=0) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", [name for name, task in EACH if task == "multiclass"])
def test_a_class_with_one_row(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(40, 3))
    y = np.where(x[:, 0] > 0, 1, 0)
    y[7] = 2
    found = said(model(name, "multiclass", x, y), x)
    assert found.shape == (40, 3)
    assert found.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("name", [name for name, task in EACH if task == "binary" and CANDIDATES[name].takes_missing])
def test_who_takes_missing_values_does(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(60, 3))
    y = target("binary", x[:, 0])
    x[::7, 0], x[:, 2] = np.nan, np.nan
    assert np.isfinite(said(model(name, "binary", x, y), x)).all()


@pytest.mark.parametrize("name", [name for name in CANDIDATES if CANDIDATES[name].takes_weights and name != "baseline"])
def test_weights_move_what_it_says(name: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 3))
    y = target("binary", x[:, 0] + rng.normal(size=120))
    plain = CANDIDATES[name].build(task_named("binary"), small(name, "binary"), 0, 1).fit(x, y)
    heavy = CANDIDATES[name].build(task_named("binary"), small(name, "binary"), 0, 1)
    heavy.fit(x, y, sample_weight=np.where(y == 1, 8.0, 1.0))
    assert said(heavy, x)[:, 1].mean() > said(plain, x)[:, 1].mean() + 0.02
