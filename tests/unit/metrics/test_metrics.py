"""The metrics against scikit-learn's, on rows and on resamples of blocks."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as theirs

from evergreen.errors import PermanentError
from evergreen.metrics.bootstrap import draw_counts
from evergreen.metrics.ranks import RankMetric
from evergreen.metrics.registry import compute, gain, metric_named, metrics_of
from evergreen.metrics.scored import Scored, block_codes, scored

RNG = np.random.default_rng(0)
N = 600


def binary(rounded: bool = True) -> Scored:
    truth = (RNG.random(N) > 0.6).astype(np.int64)
    score = np.clip(0.5 * truth + RNG.normal(0.25, 0.3, N), 0.01, 0.99)
    score = np.round(score, 2) if rounded else score  # ties
    return Scored("binary", truth, score, (score >= 0.5).astype(np.int64))


def multiclass() -> Scored:
    truth = RNG.integers(0, 4, N)
    shares = RNG.dirichlet(np.ones(4), N) + 0.6 * np.eye(4)[truth]
    shares /= shares.sum(axis=1, keepdims=True)
    return Scored("multiclass", truth, shares, shares.argmax(axis=1))


def regression() -> Scored:
    truth = RNG.normal(1000, 5, N)
    said = truth + RNG.normal(0, 2, N)
    return Scored("regression", truth, said, said)


THEIRS = {
    ("binary", "roc_auc"): lambda s, w: theirs.roc_auc_score(s.truth, s.shares, sample_weight=w),
    ("binary", "pr_auc"): lambda s, w: theirs.average_precision_score(s.truth, s.shares, sample_weight=w),
    ("binary", "log_loss"): lambda s, w: theirs.log_loss(s.truth, s.shares, sample_weight=w),
    ("binary", "brier"): lambda s, w: theirs.brier_score_loss(s.truth, s.shares, sample_weight=w),
    ("binary", "accuracy"): lambda s, w: theirs.accuracy_score(s.truth, s.decided, sample_weight=w),
    ("binary", "f1"): lambda s, w: theirs.f1_score(s.truth, s.decided, sample_weight=w),
    ("multiclass", "log_loss"): lambda s, w: theirs.log_loss(s.truth, s.shares, sample_weight=w),
    ("multiclass", "accuracy"): lambda s, w: theirs.accuracy_score(s.truth, s.decided, sample_weight=w),
    ("multiclass", "f1"): lambda s, w: theirs.f1_score(s.truth, s.decided, average="macro", sample_weight=w),
    ("multiclass", "roc_auc"): lambda s, w: theirs.roc_auc_score(
        s.truth, s.shares, multi_class="ovr", average="macro", sample_weight=w
    ),
    ("regression", "rmse"): lambda s, w: theirs.root_mean_squared_error(s.truth, s.shares, sample_weight=w),
    ("regression", "mae"): lambda s, w: theirs.mean_absolute_error(s.truth, s.shares, sample_weight=w),
    ("regression", "r2"): lambda s, w: theirs.r2_score(s.truth, s.shares, sample_weight=w),
}
MADE = {"binary": binary, "multiclass": multiclass, "regression": regression}


@pytest.mark.parametrize(("task", "name"), sorted(THEIRS))
def test_a_metric_is_scikit_learns(task: str, name: str) -> None:
    rows = MADE[task]()
    assert metric_named(name).value(rows) == pytest.approx(THEIRS[task, name](rows, None))


@pytest.mark.parametrize("blocks", [7, 150, N])
@pytest.mark.parametrize(("task", "name"), sorted(THEIRS))
def test_a_resample_is_scikit_learns_with_weights(task: str, name: str, blocks: int) -> None:
    rows = MADE[task]()
    codes, number = block_codes(pl.Series(np.arange(N) * blocks // N))
    counts = draw_counts(number, 6, seed=1)
    found = metric_named(name).resampled(rows, codes, counts)
    for drawn, value in zip(counts, found, strict=True):
        assert value == pytest.approx(THEIRS[task, name](rows, drawn[codes]))


def test_every_metric_of_a_task_is_there() -> None:
    assert {(task, metric.name) for task in MADE for metric in metrics_of(task)} == set(THEIRS)


def test_one_class_gives_nan() -> None:
    rows = binary()
    one = rows.rows(rows.truth == 1)
    assert np.isnan(metric_named("roc_auc").value(one))
    assert isinstance(metric_named("roc_auc"), RankMetric)
    assert np.isnan(metric_named("accuracy").value(rows.rows(np.zeros(N, dtype=bool))))
    assert np.isnan(metric_named("roc_auc").value(rows.rows(np.zeros(N, dtype=bool))))


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
    assert scored("multiclass", target, said).shares.shape == (3, 3)


def test_a_gain_is_positive_when_better_whatever_the_direction() -> None:
    assert gain(metric_named("roc_auc"), 0.8, 0.7) == pytest.approx(0.1)
    assert gain(metric_named("rmse"), 2.0, 3.0) == pytest.approx(1.0)


def test_an_unknown_metric_names_those_there_are() -> None:
    with pytest.raises(PermanentError, match=r"no metric `auc`.*roc_auc"):
        metric_named("auc")
