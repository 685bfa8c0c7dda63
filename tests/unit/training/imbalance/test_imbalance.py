"""What is learned from where a class is rare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.features.predictor import Predictor
from evergreen.features.target import classes_of
from evergreen.training.choose.recipe import recorded
from evergreen.training.fit.fit_recipe import fit_recipe
from evergreen.training.imbalance import BALANCERS
from evergreen.training.imbalance.balancers import COMPARED
from evergreen.training.imbalance.fitting import stakes_of

RESAMPLED = [name for name, balancer in BALANCERS.items() if balancer.resample is not None]
OVER = ["random_over", "smote", "adasyn"]
UNDER = ["random_under", "cluster_under"]


def rows(*counts: int, seed: int = 0) -> tuple[Any, Any]:
    """Classes of so many rows, side by side and overlapping; columns of very different scale."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(counts)), counts)
    x = rng.normal(size=(len(y), 3)) * [1, 1e6, 1e-3]
    x[:, 0] += 1.5 * y
    order = rng.permutation(len(y))
    return x[order], y[order]


def resample(name: str, x: Any, y: Any, seed: int = 0) -> tuple[Any, Any]:
    given = BALANCERS[name].resample
    assert given is not None
    return given(x, y, seed)


def as_rows(x: Any) -> set[tuple[float, ...]]:
    return {tuple(row) for row in np.nan_to_num(x, nan=-99.0).tolist()}


def test_each_has_one_way_and_none_has_none() -> None:
    assert all(BALANCERS[name].name == name for name in BALANCERS)
    assert {name for name, b in BALANCERS.items() if b.resample is None and b.weights is None} == {"none"}
    assert not [name for name, b in BALANCERS.items() if b.resample is not None and b.weights is not None]
    assert set(COMPARED) <= set(BALANCERS)


@pytest.mark.parametrize("name", RESAMPLED)
def test_the_same_seed_gives_the_same_rows_and_the_input_is_left_alone(name: str) -> None:
    x, y = rows(120, 30)
    before = x.copy()
    once, again = resample(name, x, y, 7), resample(name, x, y, 7)
    assert np.array_equal(once[0], again[0])
    assert np.array_equal(once[1], again[1])
    assert np.array_equal(x, before)
    assert len(once[0]) == len(once[1])
    if name not in {"tomek", "smote_enn"}:
        assert not np.array_equal(once[0], resample(name, x, y, 8)[0])


@pytest.mark.parametrize("name", OVER)
def test_over_sampling_adds_rows_and_keeps_those_there_are(name: str) -> None:
    x, y = rows(120, 30)
    more, labels = resample(name, x, y)
    assert np.array_equal(more[: len(x)], x)
    assert np.bincount(labels)[0] == 120
    assert abs(np.bincount(labels)[1] - 120) <= 10, "ADASYN rounds"
    assert (as_rows(more) == as_rows(x)) == (name == "random_over")
    assert more.min(axis=0) == pytest.approx(x.min(axis=0)), "between rows there are, in their own scale"


@pytest.mark.parametrize("name", UNDER)
def test_under_sampling_leaves_rows_there_were(name: str) -> None:
    x, y = rows(150, 30, 60)
    fewer, labels = resample(name, x, y)
    assert np.bincount(labels).tolist() == [30, 30, 30]
    assert as_rows(fewer) <= as_rows(x)
    assert len(as_rows(fewer)) == 90


def test_under_sampling_by_clusters_loses_no_region() -> None:
    x = np.concatenate([np.zeros((900, 1)), np.full((60, 1), 50.0), np.ones((40, 1))])
    x += np.random.default_rng(0).normal(size=x.shape) * 0.01
    y = np.repeat([0, 1], [960, 40])
    for seed in range(2):
        fewer, labels = resample("cluster_under", x, y, seed)
        assert 2 <= (fewer[labels == 0] > 40).sum() <= 4, "6% of 40, and clusters are whole"


@pytest.mark.parametrize("name", ["tomek", "smote_tomek", "smote_enn"])
def test_cleaning_takes_rows_among_other_classes_away(name: str) -> None:
    x = np.concatenate([np.linspace(0, 1, 40), [20.01], np.linspace(9.0, 11.0, 12), [20.0]])[:, None]
    y = np.repeat([0, 1], [41, 13])
    cleaned, labels = resample(name, x, y)
    assert 20.01 not in cleaned[labels == 0]
    assert set(np.linspace(0, 1, 40)) <= set(cleaned[labels == 0, 0]), "those among their own stay"
    assert (20.0 in cleaned[labels == 1]) == (name == "tomek"), "of a link only the frequent class's half"


@pytest.mark.parametrize("name", RESAMPLED)
@pytest.mark.parametrize("counts", [(60, 1), (60, 3, 1), (2, 2), (1, 1), (3, 60, 6)])
def test_a_class_with_too_few_rows_for_neighbours_stays(name: str, counts: tuple[int, ...]) -> None:
    x, y = rows(*counts)
    found, labels = resample(name, x, y)
    assert set(labels) == set(range(len(counts)))
    assert np.isfinite(found).all()
    if name in {*OVER, "smote_tomek"}:
        assert len(labels) >= len(y) - 2
    if name in UNDER:
        assert np.bincount(labels).max() <= max(min(counts), 20)


@pytest.mark.parametrize("name", RESAMPLED)
def test_missing_values_constant_and_empty_columns(name: str) -> None:
    x, y = rows(80, 20)
    x = np.column_stack([x, np.ones(100), np.full(100, np.nan)])
    x[::9, 1] = np.nan
    found, labels = resample(name, x, y)
    assert found.shape == (len(labels), 5)
    assert set(labels) == {0, 1}
    assert np.isnan(x[::9, 1]).all()
    if name in OVER:
        assert np.array_equal(found[:100], x, equal_nan=True), "rows that there were keep their gaps"


def test_many_rare_classes_do_not_multiply_the_rows() -> None:
    x, y = rows(500, *[6] * 30)
    for name in OVER:
        assert len(resample(name, x, y)[1]) <= 4 * len(y) + 31


def test_adasyn_without_any_other_class_near_is_smote() -> None:
    x = np.concatenate([np.linspace(0, 1, 50), np.linspace(100, 101, 10)])[:, None]
    y = np.repeat([0, 1], [50, 10])
    assert np.array_equal(resample("adasyn", x, y)[0], resample("smote", x, y)[0])


def test_with_class_weights_every_class_counts_alike() -> None:
    _, y = rows(90, 8, 2)
    weigh = BALANCERS["class_weight"].weights
    assert weigh is not None
    assert np.bincount(y, weights=weigh(y, None)[y]) == pytest.approx([100 / 3] * 3)


def test_with_cost_weights_a_row_counts_what_mistaking_it_costs() -> None:
    _, y = rows(90, 8, 2)
    weigh = BALANCERS["cost_weight"].weights
    assert weigh is not None
    counts = weigh(y, np.array([1.0, 5.0, 20.0]))
    assert counts / counts[0] == pytest.approx([1, 5, 20])
    assert counts[y].mean() == pytest.approx(1)
    for worthless in (None, np.zeros(3), np.array([-1.0, -2.0, 0.0])):
        assert weigh(y, worthless).tolist() == [1, 1, 1]
    assert (weigh(y, np.array([0.0, 1.0, 1.0])) > 0).all(), "every class is learned"


COSTS = {
    "binary": (", costs: {false_negative: 8, true_negative: -1, false_positive: 1}", [2.0, 8.0]),
    "multiclass": (", costs: {wrong: {c0: {c1: 7}, c2: {c0: 4, c1: 6}}}", [4.0, 1.0, 5.0]),
}


@pytest.mark.parametrize("task", COSTS)
def test_probabilities_are_told_as_if_all_rows_had_counted_the_same(task: str, tmp_path: Path) -> None:
    """Of a linear model of data that are linear: weights change what it says hardly more than chance."""
    said, stakes = COSTS[task]
    use_case = hashed(task, candidates="logistic_regression", training=said)
    train = hashed_rows(3000, task=task)
    classes = classes_of(use_case, train["y"])
    assert stakes_of(use_case, classes) == pytest.approx(stakes)
    plain, weighed = (
        fit_recipe(use_case, train, recorded("logistic_regression", {"C": 1.0, **more}), 0)
        for more in ({}, {"_balance": "cost_weight"})
    )
    weighed.save(tmp_path)
    columns = [name for name in plain.predict(train).columns if name.startswith("probability")]
    one, other = (model.predict(train).select(columns).to_numpy() for model in (plain, Predictor.load(tmp_path)))
    assert np.abs(one - other).mean() < 0.02
    assert np.abs(one - other).max() > 1e-6, "but it did look harder at what is dear"
