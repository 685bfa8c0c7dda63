"""The metrics against scikit-learn's, on rows and on resamples of blocks."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as theirs
from sklearn.preprocessing import label_binarize
from tests.examples import examples
from tests.unit.training.tables import timed

from evergreen.errors import PermanentError
from evergreen.metrics import ranks
from evergreen.metrics.blocks import block_codes
from evergreen.metrics.bootstrap import draw_counts
from evergreen.metrics.numbers import pinball_metric
from evergreen.metrics.probabilities import BINS
from evergreen.metrics.ranks import RankMetric
from evergreen.metrics.registry import compute, gain, metric_named, metric_of, metrics_of
from evergreen.tasks import BINARY, MULTICLASS, REGRESSION, TASKS
from evergreen.tasks.scored import Scored

N = 600


def binary(seed: int = 0, n: int = N, digits: int = 2) -> Scored:
    """`digits`: scores are rounded, so there are ties."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) > 0.6).astype(np.int64)
    truth[:2] = 0, 1
    score = np.round(np.clip(0.5 * truth + rng.normal(0.25, 0.3, n), 0.01, 0.99), digits)
    score = np.clip(score, 0.01, 0.99)
    return Scored(BINARY, truth, score, (score >= 0.5).astype(np.int64))


def multiclass(seed: int = 0, n: int = N, digits: int = 3) -> Scored:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, n)
    truth[:4] = range(4)
    shares = np.round(rng.dirichlet(np.ones(4), n) + 0.6 * np.eye(4)[truth], digits) + 0.01
    shares /= shares.sum(axis=1, keepdims=True)
    return Scored(MULTICLASS, truth, shares, shares.argmax(axis=1), tuple("abcd"))


def regression(seed: int = 0, n: int = N, digits: int = 6) -> Scored:
    rng = np.random.default_rng(seed)
    truth = rng.normal(1000, 5, n)
    said = np.round(truth + rng.normal(0, 2, n), digits)
    return Scored(REGRESSION, truth, said, said)


MADE = {"binary": binary, "multiclass": multiclass, "regression": regression}


def calibration_error(s: Scored, w: np.ndarray | None) -> float:
    w = np.ones(len(s)) if w is None else w
    said = s.shares if s.shares.ndim == 1 else s.shares.max(axis=1)
    came_true = (s.truth == 1) if s.shares.ndim == 1 else (s.shares.argmax(axis=1) == s.truth)
    total = 0.0
    for low in range(BINS):
        inside = (said >= low / BINS) & (said < (low + 1) / BINS) | ((low == BINS - 1) & (said == 1))
        total += abs((w[inside] * (said[inside] - came_true[inside])).sum())
    return total / w.sum()


def decided(name: str, average: str):
    ask = {"precision": theirs.precision_score, "recall": theirs.recall_score, "f1": theirs.f1_score}[name]
    return lambda s, w: ask(s.truth, s.decided, average=average, sample_weight=w, zero_division=0)


def over_classes(average: str):
    return lambda s, w: theirs.roc_auc_score(s.truth, s.shares, multi_class="ovr", average=average, sample_weight=w)


THEIRS = {
    ("binary", "roc_auc"): lambda s, w: theirs.roc_auc_score(s.truth, s.shares, sample_weight=w),
    ("binary", "pr_auc"): lambda s, w: theirs.average_precision_score(s.truth, s.shares, sample_weight=w),
    ("binary", "log_loss"): lambda s, w: theirs.log_loss(s.truth, s.shares, sample_weight=w),
    ("binary", "brier"): lambda s, w: theirs.brier_score_loss(s.truth, s.shares, sample_weight=w),
    ("binary", "calibration_error"): calibration_error,
    ("binary", "accuracy"): lambda s, w: theirs.accuracy_score(s.truth, s.decided, sample_weight=w),
    ("binary", "precision"): decided("precision", "binary"),
    ("binary", "recall"): decided("recall", "binary"),
    ("binary", "f1"): decided("f1", "binary"),
    ("binary", "cost"): lambda s, w: theirs.zero_one_loss(s.truth, s.decided, sample_weight=w),
    ("multiclass", "log_loss"): lambda s, w: theirs.log_loss(s.truth, s.shares, sample_weight=w),
    ("multiclass", "brier"): lambda s, w: theirs.brier_score_loss(s.truth, s.shares, sample_weight=w),
    ("multiclass", "calibration_error"): calibration_error,
    ("multiclass", "accuracy"): lambda s, w: theirs.accuracy_score(s.truth, s.decided, sample_weight=w),
    ("multiclass", "cost"): lambda s, w: theirs.zero_one_loss(s.truth, s.decided, sample_weight=w),
    ("multiclass", "roc_auc"): over_classes("macro"),
    ("multiclass", "roc_auc_micro"): over_classes("micro"),
    ("multiclass", "roc_auc_weighted"): over_classes("weighted"),
    ("multiclass", "pr_auc"): lambda s, w: theirs.average_precision_score(
        label_binarize(s.truth, classes=range(4)), s.shares, average="macro", sample_weight=w
    ),
    ("regression", "rmse"): lambda s, w: theirs.root_mean_squared_error(s.truth, s.shares, sample_weight=w),
    ("regression", "mse"): lambda s, w: theirs.mean_squared_error(s.truth, s.shares, sample_weight=w),
    ("regression", "mae"): lambda s, w: theirs.mean_absolute_error(s.truth, s.shares, sample_weight=w),
    ("regression", "mape"): lambda s, w: theirs.mean_absolute_percentage_error(s.truth, s.shares, sample_weight=w),
    ("regression", "r2"): lambda s, w: theirs.r2_score(s.truth, s.shares, sample_weight=w),
    ("regression", "pinball"): lambda s, w: theirs.mean_pinball_loss(s.truth, s.shares, alpha=0.5, sample_weight=w),
}
for score in ("precision", "recall", "f1"):
    for average in ("macro", "micro", "weighted"):
        THEIRS["multiclass", score if average == "macro" else f"{score}_{average}"] = decided(score, average)


def test_every_metric_of_a_task_has_an_oracle() -> None:
    assert {(task.name, name) for task in TASKS.values() for name in task.metrics} == set(THEIRS)


@pytest.mark.parametrize(("task", "name"), sorted(THEIRS))
def test_a_metric_is_scikit_learns(task: str, name: str) -> None:
    @settings(max_examples=examples(15), deadline=None, database=None, derandomize=True)
    @given(seed=st.integers(0, 2**32), n=st.integers(8, 200), digits=st.integers(1, 6))
    def agrees(seed: int, n: int, digits: int) -> None:
        rows = MADE[task](seed, n, digits)
        assert metric_named(name).value(rows) == pytest.approx(THEIRS[task, name](rows, None))

    agrees()


@pytest.mark.parametrize("blocks", [7, 150, N])
@pytest.mark.parametrize(("task", "name"), sorted(THEIRS))
def test_a_resample_is_scikit_learns_with_weights(task: str, name: str, blocks: int) -> None:
    rows = MADE[task]()
    codes, number = block_codes(pl.Series(np.arange(N) * blocks // N))
    counts = draw_counts(number, 6, seed=1)
    found = metric_named(name).resampled(rows, codes, counts)
    for drawn, value in zip(counts, found, strict=True):
        assert value == pytest.approx(THEIRS[task, name](rows, drawn[codes]))


@pytest.mark.parametrize("name", ["roc_auc", "pr_auc"])
@pytest.mark.parametrize("share", [0.3, 0.003])
def test_scores_taken_together_do_not_change_the_spread(
    monkeypatch: pytest.MonkeyPatch, name: str, share: float
) -> None:
    """Even with a few positives among many rows, which lie at the top of the order."""
    rng = np.random.default_rng(0)
    truth = (rng.random(20_000) < share).astype(np.int64)
    rows = Scored(BINARY, truth, rng.normal(size=20_000) + 2 * truth, truth)
    codes, counts = np.arange(20_000) % 14, draw_counts(14, 200, seed=1)
    together = metric_named(name).resampled(rows, codes, counts)
    monkeypatch.setattr(ranks, "LEVELS", 10**9)
    exact = metric_named(name).resampled(rows, codes, counts)
    assert together.std() == pytest.approx(exact.std(), rel=0.01)
    assert np.abs(together - exact).max() < 0.05 * exact.std()


def test_pinball_takes_the_use_cases_quantile() -> None:
    rows = regression()
    asked = metric_of(timed("regression", training=", metric: pinball, quantile: 0.9"))
    expected = theirs.mean_pinball_loss(rows.truth, rows.shares, alpha=0.9)
    assert asked.value(rows) == pytest.approx(expected)
    assert pinball_metric(0.9).value(rows) == pytest.approx(expected)


def test_cost_takes_the_owners_costs() -> None:
    rows = binary()
    costs = "costs: {false_positive: 2, false_negative: 10, true_positive: -1}"
    asked = metric_of(timed(training=f", metric: cost, {costs}"))
    (right, wrong), (missed, found) = theirs.confusion_matrix(rows.truth, rows.decided)
    assert asked.value(rows) == pytest.approx((2 * wrong + 10 * missed - found) / (right + wrong + missed + found))
    assert not asked.higher_is_better


def test_costs_of_many_classes_are_named_by_class() -> None:
    costs = "costs: {wrong: {a: {b: 5}, 2: {a: 0.5}}}"
    asked = metric_of(timed("multiclass", training=f", metric: cost, {costs}"))
    said = {f"probability_{name}": [0.3] * 5 for name in "ab2"}
    predictions = pl.DataFrame({"prediction": ["b", "a", "a", "2", "b"], **said})
    rows = MULTICLASS.scored(pl.Series(["a", "a", "2", "b", "b"]), predictions)
    assert rows.labels == ("2", "a", "b")
    assert asked.value(rows) == pytest.approx((5 + 0 + 0.5 + 1 + 0) / 5)


def test_cost_is_reported_only_where_it_is_known() -> None:
    assert "cost" not in {metric.name for metric in metrics_of(timed())}
    assert "cost" in {metric.name for metric in metrics_of(timed(training=", costs: {false_negative: 3}"))}
    assert metrics_of(timed())[0].name == "roc_auc"


def test_one_class_gives_nan() -> None:
    rows = binary()
    one = rows.rows(rows.truth == 1)
    assert np.isnan(metric_named("roc_auc").value(one))
    assert isinstance(metric_named("roc_auc"), RankMetric)
    none = rows.rows(rows.truth == 0)
    assert np.isnan(metric_named("recall").value(none))
    for name in BINARY.metrics:
        assert np.isnan(metric_named(name).value(rows.rows(np.zeros(N, dtype=bool))))


def test_a_class_that_does_not_occur_is_left_out_of_the_mean() -> None:
    rows = multiclass()
    without = rows.rows(rows.truth != 3)
    found = metric_named("f1").value(without)
    assert found == pytest.approx(theirs.f1_score(without.truth, without.decided, labels=[0, 1, 2], average="macro"))
    assert np.isfinite(metric_named("roc_auc").value(without))


def test_compute_takes_frames_and_leaves_out_rows_without_target() -> None:
    target = pl.Series(["yes", "no", None, "yes"])
    said = pl.DataFrame({"prediction": ["yes", "no", "no", "no"], "probability": [0.9, 0.1, 0.2, 0.4]})
    assert compute("binary", "accuracy", target, said, "yes") == pytest.approx(2 / 3)
    assert compute("binary", "roc_auc", target, said, "yes") == 1
    assert compute("binary", "roc_auc", target, said, "no") == 0
    flags = pl.Series([True, False, None, True])
    assert compute("binary", "accuracy", flags, said.with_columns(prediction=flags.fill_null(False))) == 1


def test_a_class_the_model_never_saw_counts_as_wrong() -> None:
    target = pl.Series(["a", "b", "c"])
    said = pl.DataFrame(
        {"prediction": ["a", "b", "a"], "probability_a": [0.8, 0.1, 0.6], "probability_b": [0.2, 0.9, 0.4]}
    )
    assert compute("multiclass", "accuracy", target, said) == pytest.approx(2 / 3)
    assert compute("multiclass", "log_loss", target, said) > 10
    assert MULTICLASS.scored(target, said).shares.shape == (3, 3)


def test_a_gain_is_positive_when_better_whatever_the_direction() -> None:
    assert gain(metric_named("roc_auc"), 0.8, 0.7) == pytest.approx(0.1)
    assert gain(metric_named("rmse"), 2.0, 3.0) == pytest.approx(1.0)


def test_an_unknown_metric_names_those_there_are() -> None:
    with pytest.raises(PermanentError, match=r"no metric `auc`.*roc_auc"):
        metric_named("auc")
