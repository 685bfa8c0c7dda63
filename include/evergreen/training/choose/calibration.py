"""Whether probabilities need a curve, and which: chosen by log loss on rows that the curve was not fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergreen.artifacts import JsonObject
from evergreen.features.calibrated import calibrated
from evergreen.training.choose.platt import platt_curves

Array = np.ndarray[Any, Any]
METHODS = ("platt", "isotonic")
_FOLDS, _LEAST, _KNOTS, _TINY = 5, 200, 40, 1e-7
_MOST = 10_000
"""Rows, drawn at random, by which curves are chosen and fitted: two numbers, or forty knots, are known well by then."""
_MOST_CURVES = 50
"""With so many classes each has too few of these rows for knots, and their record would outgrow a tag of MLflow."""


def choose_calibration(codes: Array, shares: Array, seed: int) -> JsonObject | None:
    """The curve for classifiers whose out-of-fold `shares` (n, or n × k) stand beside `codes`; None: better without.

    Cross-fitted: each method's curves are fitted on four fifths of the rows and judged on the rest. A method is taken
    only where its log loss is better by more than one standard error of the difference.
    """
    if len(codes) < _LEAST:
        return None
    order = np.random.default_rng(seed).permutation(len(codes))[:_MOST]
    codes, shares = codes[order], shares[order]
    part = np.arange(len(codes)) % _FOLDS
    plain = _losses(codes, shares)
    best: tuple[float, str] | None = None
    for method in METHODS if shares.ndim == 1 or shares.shape[1] < _MOST_CURVES else METHODS[:1]:
        losses = np.empty(len(codes))
        for fold in range(_FOLDS):
            learn, judge = part != fold, part == fold
            curves = fit_curves(codes[learn], shares[learn], method)
            losses[judge] = _losses(codes[judge], calibrated(shares[judge], method, curves))
        better = plain - losses
        sure = better.mean() - better.std() / np.sqrt(len(better))
        if sure > 0 and (best is None or losses.mean() < best[0]):
            best = float(losses.mean()), method
    if best is None:
        return None
    return {"method": best[1], "curves": fit_curves(codes, shares, best[1])}


def fit_curves(codes: Array, shares: Array, method: str) -> list[list[Any]]:
    """One curve, of the positive class, for n shares; k of them for n × k."""
    if shares.ndim == 1:
        shares, truth = shares[:, None], (codes == 1)[:, None]
    else:
        truth = codes[:, None] == np.arange(shares.shape[1])
    if method == "platt":
        return list(platt_curves(truth, shares))
    return [_isotonic(*columns) for columns in zip(truth.T, shares.T, strict=True)]


def _isotonic(truth: Array, shares: Array) -> list[Any]:
    if truth.all() or not truth.any():
        return [[0.0, 1.0], [0.0, 1.0]]
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(out_of_bounds="clip").fit(shares, truth.astype(np.float64))
    said, meant = fitted.X_thresholds_, fitted.y_thresholds_
    if len(said) > _KNOTS:
        chosen = np.unique(np.linspace(0, len(said) - 1, _KNOTS).astype(int))
        said, meant = said[chosen], meant[chosen]
    # a curve never says never: as if there were one more row of either kind
    least = 1 / (len(truth) + 2)
    return [np.round(said, 6).tolist(), np.round(np.clip(meant, least, 1 - least), 6).tolist()]


def _losses(codes: Array, shares: Array) -> Array:
    """Log loss of each row."""
    right = np.where(codes == 1, shares, 1 - shares) if shares.ndim == 1 else shares[np.arange(len(codes)), codes]
    return np.asarray(-np.log(np.clip(right, _TINY, 1.0)))
