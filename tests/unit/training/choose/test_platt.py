"""Curves of several classes at once, beside scikit-learn's logistic regression of each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from evergreen.features.calibrated import log_odds
from evergreen.training.choose.platt import platt_curves


def log_loss(curve: list[float], truth: np.ndarray, shares: np.ndarray) -> float:
    """With the penalty that both sides have."""
    z = curve[0] * log_odds(shares) + curve[1]
    return float((np.logaddexp(0, z) - truth * z).sum() + 0.5e-6 * curve[0] ** 2)


def oracle(truth: np.ndarray, shares: np.ndarray) -> list[float]:
    fitted = LogisticRegression(C=1e6, solver="newton-cholesky", tol=1e-10)
    fitted.fit(log_odds(shares).reshape(-1, 1), truth)
    return [float(fitted.coef_[0, 0]), float(fitted.intercept_[0])]


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 1000),
    rows=st.integers(20, 400),
    classes=st.integers(2, 6),
    sure=st.floats(0.1, 8),
    know=st.floats(0, 6),
)
def test_each_curve_is_the_one_of_a_logistic_regression(
    seed: int, rows: int, classes: int, sure: float, know: float
) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, classes, rows)
    odds = rng.normal(size=(rows, classes))
    odds[np.arange(rows), codes] += know
    shares = np.exp(sure * (odds - odds.max(axis=1, keepdims=True)))
    shares /= shares.sum(axis=1, keepdims=True)
    truth = codes[:, None] == np.arange(classes)
    for code, curve in enumerate(platt_curves(truth, shares)):
        if truth[:, code].any() and not truth[:, code].all():
            theirs = oracle(truth[:, code], shares[:, code])
            ours, best = (log_loss(one, truth[:, code], shares[:, code]) for one in (curve, theirs))
            assert ours <= best + 1e-6 * (1 + abs(best))


@pytest.mark.parametrize("said", ["right", "wrong", "always the same", "certain"])
def test_a_curve_is_finite_whatever_is_said(said: str) -> None:
    truth = np.arange(300) % 3 == 0
    shares = {
        "right": np.where(truth, 0.999, 0.001),
        "wrong": np.where(truth, 0.001, 0.999),
        "always the same": np.full(300, 0.3),
        "certain": truth.astype(np.float64),
    }[said]
    curve = platt_curves(truth[:, None], shares[:, None])[0]
    assert np.isfinite(curve).all()
    assert abs(log_loss(curve, truth, shares) - log_loss(oracle(truth, shares), truth, shares)) < 1e-6


def test_a_class_of_which_no_row_is_keeps_its_probabilities() -> None:
    truth = np.column_stack([np.arange(50) % 2 == 0, np.arange(50) % 2 == 1, np.zeros(50, dtype=bool)])
    shares = np.tile([0.5, 0.3, 0.2], (50, 1))
    assert platt_curves(truth, shares)[2] == [1.0, 0.0]
    assert platt_curves(np.ones((50, 1), dtype=bool), shares[:, :1]) == [[1.0, 0.0]]


@pytest.mark.parametrize("seed", [126, 162, 242, 346, 406])
def test_a_step_that_goes_too_far_is_halved(seed: int) -> None:
    """Log odds with heavy tails, and the classes part far from the middle: whole steps of Newton's never come back."""
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(10, 300))
    scale = rng.choice([0.1, 1, 5, 20])
    shares = 1 / (1 + np.exp(-rng.standard_t(1.5, size=rows) * scale))
    flipped = rng.random(rows) < rng.choice([0, 0.02, 0.2])
    truth = (shares > rng.choice([0.5, 0.9, 0.999, 0.001])) ^ flipped
    best = log_loss(oracle(truth, shares), truth, shares)
    assert log_loss(platt_curves(truth[:, None], shares[:, None])[0], truth, shares) <= best + 1e-6 * (1 + abs(best))
