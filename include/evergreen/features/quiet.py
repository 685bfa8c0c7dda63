"""scikit-learn's iterative learners, without a warning where they reach their limit of iterations.

Such a model is judged by its score like any other; a search makes hundreds, and nobody reads that many warnings.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNet, LogisticRegression
from sklearn.svm import LinearSVC, LinearSVR


@contextmanager
def quietly() -> Iterator[None]:
    """No ConvergenceWarning inside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


class _Quiet:
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803 - scikit-learn's signature
        """As scikit-learn's."""
        with quietly():
            super().fit(X, y, sample_weight=sample_weight)  # type: ignore[misc]
        return self


class QuietLogisticRegression(_Quiet, LogisticRegression):  # type: ignore[misc]
    """scikit-learn's LogisticRegression."""


class QuietElasticNet(_Quiet, ElasticNet):  # type: ignore[misc]
    """scikit-learn's ElasticNet."""


class QuietLinearSVC(_Quiet, LinearSVC):  # type: ignore[misc]
    """scikit-learn's LinearSVC."""


class QuietLinearSVR(_Quiet, LinearSVR):  # type: ignore[misc]
    """scikit-learn's LinearSVR."""
