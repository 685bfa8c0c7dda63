"""The statistics that the training benchmark's claims rest on."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn import metrics
from tests.benchmarks.training.compare import Interval, gain, over_sets, paired, regrets, weighted_gains
from tests.benchmarks.training.score import Judged, judged, plain, score

ROWS = 300


def one(task: str, seed: int = 0, noise: float = 1.0) -> Judged:
    """Predictions of a made-up system; more noise is a worse one."""
    truth, rng = np.random.default_rng(7).normal(size=ROWS), np.random.default_rng(seed)
    said = truth + noise * rng.normal(size=ROWS)
    if task == "regression":
        return Judged(task, truth, said)
    if task == "binary":
        return Judged(task, (truth > 0.5).astype(int), np.round(said, 1))  # rounded: many ties
    shares = np.exp(-np.abs(said[:, None] - np.array([-1.0, 0.0, 1.0])))
    return Judged(task, np.digitize(truth, [-0.5, 0.5]), shares / shares.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_gain_under_equal_weights_is_the_score(task):
    of = one(task)
    assert weighted_gains(of, np.ones((2, ROWS))) == pytest.approx([gain(task, score(of))] * 2)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_weight_is_how_often_a_row_counts(task):
    of, times = one(task), np.random.default_rng(1).integers(0, 4, size=ROWS)
    rows = np.repeat(np.arange(ROWS), times)
    repeated = Judged(task, of.truth[rows], of.said[rows])
    assert weighted_gains(of, times[None, :].astype(float))[0] == pytest.approx(gain(task, score(repeated)))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_clearly_better_system_wins_and_the_other_loses(task):
    pairs = [(one(task, seed, 0.3), one(task, seed + 50, 2.0)) for seed in (1, 2, 3)]
    won = paired(pairs, confidence=0.99, seed=1, draws=500)
    lost = paired([(b, a) for a, b in pairs], confidence=0.99, seed=1, draws=500)
    assert (won.verdict, lost.verdict) == ("win", "loss")
    assert won.value == pytest.approx(-lost.value)
    assert won.low < won.value < won.high


def test_the_same_predictions_are_a_tie_of_exactly_nothing():
    same = paired([(one("binary"), one("binary"))], confidence=0.95, seed=1, draws=200)
    assert same == Interval(0.0, 0.0, 0.0)
    assert same.verdict == "tie"


def test_systems_that_differ_by_chance_alone_are_seldom_told_apart():
    found = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = rng.normal(size=200)
        ours, theirs = (Judged("regression", truth, truth + rng.normal(size=200)) for _ in range(2))
        found += paired([(ours, theirs)], confidence=0.95, seed=seed, draws=300).verdict != "tie"
    assert found <= 8  # 3 expected; more than 8 of 60 has a chance of about one in 200


def test_the_pairing_finds_what_two_separate_intervals_would_not():
    rng = np.random.default_rng(0)
    truth, common = rng.normal(size=ROWS), 3 * rng.normal(size=ROWS)  # an error both make
    ours, theirs = Judged("regression", truth, truth + common), Judged("regression", truth, truth + 1.03 * common)
    found = paired([(ours, theirs)], confidence=0.95, seed=1, draws=500)
    assert found.verdict == "win"
    alone = np.quantile(
        [-metrics.root_mean_squared_error(truth[r], ours.said[r]) for r in rng.integers(ROWS, size=(500, ROWS))],
        [0.025, 0.975],
    )
    assert alone[0] < weighted_gains(theirs, np.ones((1, ROWS)))[0] < alone[1]


def test_regret_runs_from_the_best_to_the_constant_prediction():
    found = regrets({"best": 0.9, "middle": 0.7, "constant": 0.5, "below": 0.3, "failed": None}, plain=0.5)
    assert found == {"best": 0.0, "middle": pytest.approx(0.5), "constant": 1.0, "below": 1.0, "failed": 1.0}


def test_regret_where_nobody_beats_the_constant_prediction():
    assert regrets({"a": 0.4, "b": 0.3, "c": None}, plain=0.5) == {"a": 0.0, "b": 1.0, "c": 1.0}


def test_an_interval_over_data_sets_covers_what_differs_from_set_to_set():
    assert over_sets([0.1, 0.1, 0.1], confidence=0.95, seed=1) == Interval(*[pytest.approx(0.1)] * 3)
    assert over_sets([0.3, -0.1, 0.2, -0.2], confidence=0.95, seed=1).verdict == "tie"


def test_predictions_that_are_missing_or_not_finite_are_refused():
    answers = pl.Series("y", [1.0, 2.0, 3.0])
    for said in ([1.0, 2.0], [1.0, 2.0, float("nan")]):
        with pytest.raises(ValueError, match="predictions"):
            judged("regression", answers, pl.DataFrame({"prediction": said}))


def test_a_class_without_a_test_row_has_its_share_all_the_same():
    answers = pl.Series("y", ["b", "c", "b"])
    said = pl.DataFrame(
        {"probability_a": [0.5, 0.0, 0.0], "probability_c": [0.25, 1.0, 0.5], "probability_b": [0.25, 0, 0.5]}
    )
    expected = -np.mean(np.log([0.25, 1.0, 0.5]))
    assert score(judged("multiclass", answers, said)) == pytest.approx(expected, abs=1e-5)


def test_the_constant_prediction_knows_the_learning_rows_alone():
    known, answers = pl.Series("y", ["a", "a", "a", "b"]), pl.Series("y", ["b", "a"])
    assert plain("multiclass", known, answers) == pytest.approx(-np.mean(np.log([0.25, 0.75])), abs=1e-5)
    assert plain("regression", pl.Series("y", [0.0, 2.0]), pl.Series("y", [4.0, 4.0])) == pytest.approx(3.0)
    assert plain("binary", known, answers) == 0.5
