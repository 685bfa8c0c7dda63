"""A linear support vector machine that gives probabilities."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedKFold

from evergreen.features.quiet import QuietLinearSVC, QuietLogisticRegression

Array = np.ndarray[Any, Any]


class LinearSvm(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Liblinear's margins, made probabilities by a logistic regression on margins of rows that were not learned.

    That is Platt's scaling (1999), for several classes on all their margins at once. Unlike scikit-learn's
    CalibratedClassifierCV it also takes classes with fewer rows than folds: those rows are always learned, and their
    own margins are not out of fold.
    """

    def __init__(self, C: float = 1.0, folds: int = 3, random_state: int | None = None) -> None:  # noqa: N803
        self.C = C
        self.folds = folds
        self.random_state = random_state

    def fit(self, x: Any, y: Any, sample_weight: Any = None) -> Self:
        """`x`: rows × features of one scale; `y`: at least two classes."""
        x, y = np.asarray(x), np.asarray(y)
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.machine_ = self._machine().fit(x, codes, weight)
        margins = self._margins(self.machine_, x)
        often = np.flatnonzero(np.bincount(codes)[codes] >= self.folds)
        if len(often):
            rarely = np.setdiff1d(np.arange(len(y)), often)
            split = StratifiedKFold(self.folds, shuffle=True, random_state=self.random_state)
            for learn, judge in split.split(often, codes[often]):
                rows = np.concatenate([often[learn], rarely])
                machine = self._machine().fit(x[rows], codes[rows], weight[rows])
                margins[often[judge]] = self._margins(machine, x[often[judge]])
        self.scale_ = margins.std() or 1.0
        self.calibrator_ = QuietLogisticRegression(C=100.0, max_iter=300)
        self.calibrator_.fit(margins / self.scale_, codes, weight)
        return self

    def predict_proba(self, x: Any) -> Array:
        """Rows × classes."""
        margins = self._margins(self.machine_, np.asarray(x))
        return np.asarray(self.calibrator_.predict_proba(margins / self.scale_))

    def predict(self, x: Any) -> Array:
        """The likeliest class of each row."""
        return np.asarray(self.classes_[self.predict_proba(x).argmax(axis=1)])

    def _machine(self) -> Any:
        return QuietLinearSVC(C=self.C, dual="auto", random_state=self.random_state)

    def _margins(self, machine: Any, x: Array) -> Array:
        margins = np.asarray(machine.decision_function(x))
        return margins[:, None] if margins.ndim == 1 else margins
