"""How sure a difference is."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats

from evergreen.metrics.bootstrap import MOST_BLOCKS, compare, estimate
from evergreen.metrics.estimate import Estimate
from evergreen.metrics.registry import metric_named
from evergreen.tasks import BINARY, REGRESSION
from evergreen.tasks.scored import Scored


def regression(noise: np.ndarray) -> Scored:
    truth = np.zeros(len(noise))
    return Scored(REGRESSION, truth, noise, noise)


def test_over_equal_blocks_it_is_the_t_test() -> None:
    rng = np.random.default_rng(3)
    per_day, days = 20, 12
    one, other = np.abs(rng.normal(1, 0.3, per_day * days)), np.abs(rng.normal(1.2, 0.3, per_day * days))
    blocks = np.repeat(np.arange(days), per_day)
    mae = metric_named("mae")
    found = compare(mae, regression(one), regression(other), blocks, days, seed=1, resamples=20_000).difference
    daily = (other - one).reshape(days, per_day).mean(axis=1)
    theirs = stats.ttest_1samp(daily, 0).confidence_interval(0.9)
    assert found.bound(0.95, upper=False) == pytest.approx(theirs.low, abs=0.003)
    assert found.bound(0.95, upper=True) == pytest.approx(theirs.high, abs=0.003)
    assert found.interval(0.9) == pytest.approx((found.bound(0.95, upper=False), found.bound(0.95, upper=True)))
    assert found.probability_below(0.0) == pytest.approx(
        stats.ttest_1samp(daily, 0, alternative="less").pvalue, abs=0.01
    )


def test_it_is_seeded_and_paired() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=500)
    blocks = np.arange(500) % 10
    rmse = metric_named("rmse")
    same = compare(rmse, regression(noise), regression(noise.copy()), blocks, 10, seed=5).difference
    assert (same.value, same.error) == (0.0, 0.0)
    assert estimate(rmse, regression(noise), blocks, 10, 5) == estimate(rmse, regression(noise), blocks, 10, 5)
    assert estimate(rmse, regression(noise), blocks, 10, 5) != estimate(rmse, regression(noise), blocks, 10, 6)


def test_rows_that_err_together_make_it_less_sure() -> None:
    rng = np.random.default_rng(0)
    day = np.repeat(np.arange(20), 50)
    noise = rng.normal(size=1000) + rng.normal(size=20)[day]
    together = estimate(metric_named("rmse"), regression(noise), day, 20, 1)
    apart = estimate(metric_named("rmse"), regression(noise), np.arange(1000), 1000, 1)
    assert together.error > 2 * apart.error


def test_many_blocks_are_pooled_without_changing_the_error() -> None:
    rng = np.random.default_rng(0)
    people = np.arange(20_000) // 4
    noise = rng.normal(size=20_000) + rng.normal(size=5000)[people]
    found = estimate(metric_named("mse"), regression(noise), people, 5000, 1)
    assert found.blocks == MOST_BLOCKS
    by_person = (noise**2).reshape(5000, 4).mean(axis=1)
    assert found.error == pytest.approx(by_person.std(ddof=1) / np.sqrt(5000), rel=0.1)


def test_a_day_with_most_of_the_rows_leaves_few_degrees_of_freedom() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=1000)
    even = estimate(metric_named("mse"), regression(noise), np.arange(1000) % 10, 10, 1)
    uneven = estimate(metric_named("mse"), regression(noise), np.minimum(np.arange(1000) // 20, 9), 10, 1)
    assert even.weight == pytest.approx(10)
    assert uneven.weight == pytest.approx(1000**2 / (9 * 20**2 + 820**2))
    assert uneven.bound(0.95, upper=True) - uneven.value > 2 * stats.t.ppf(0.95, 9) * uneven.error


def test_a_skewed_estimate_has_a_wider_bound_on_the_side_of_the_tail_it_has_not_seen() -> None:
    straight, left = Estimate(1.0, 0.1, 14), Estimate(1.0, 0.1, 14, skew=-1.5)
    assert left.bound(0.95, upper=False) < straight.bound(0.95, upper=False)
    assert left.bound(0.95, upper=True) == straight.bound(0.95, upper=True)
    assert left.probability_below(1.2) == straight.probability_below(1.2)
    right = Estimate(1.0, 0.1, 14, skew=1.5)
    assert right.bound(0.95, upper=True) > straight.bound(0.95, upper=True)
    assert right.probability_below(1.2) > straight.probability_below(1.2)
    low = right.bound(0.95, upper=True)
    assert right.probability_below(low) == pytest.approx(0.05)


def test_one_odd_day_of_fourteen_does_not_hide_a_clear_gain() -> None:
    """Uncapped the bound would lie eight standard errors below, and nothing could ever be told."""
    straight, odd = Estimate(0.17, 0.022, 14), Estimate(0.17, 0.022, 14, skew=-2.5)
    assert 0.05 < odd.bound(0.97, upper=False) < straight.bound(0.97, upper=False)
    right = Estimate(0.17, 0.022, 14, skew=2.5)
    assert straight.probability_below(0.25) < right.probability_below(0.25) < 0.1


def test_a_tail_of_bad_days_is_seen_as_skew() -> None:
    rng = np.random.default_rng(0)
    days = np.repeat(np.arange(30), 20)
    noise = rng.normal(size=600) * np.where(days % 10 == 0, 3.0, 1.0)
    assert estimate(metric_named("mse"), regression(noise), days, 30, 1).skew > 1.5


def test_what_is_not_defined_is_nan_and_never_a_guess() -> None:
    assert np.isnan(Estimate(0.5, 0.1, 1).bound(0.95, upper=False))
    one_class = Scored(BINARY, np.ones(50, dtype=np.int64), np.linspace(0, 1, 50), np.ones(50, dtype=np.int64))
    found = estimate(metric_named("roc_auc"), one_class, np.arange(50) % 10, 10, 1)
    assert np.isnan(found.value)
    assert np.isnan(found.error)
    assert np.isnan(found.probability_below(0))


def test_a_thousand_resamples_of_many_rows_stay_quick_and_small() -> None:
    rng = np.random.default_rng(0)
    n = 10_000
    truth = (rng.random(n) > 0.7).astype(np.int64)
    score = rng.random(n)
    rows = Scored(BINARY, truth, score, truth)
    began = time.process_time()
    for name in ("roc_auc", "pr_auc", "log_loss"):
        estimate(metric_named(name), rows, np.arange(n) % 14, 14, 1)
    assert time.process_time() - began < 20  # a guard against per-row loops, not a benchmark
