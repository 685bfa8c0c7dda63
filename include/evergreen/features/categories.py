"""Categories as numbers, quickly: each text is looked up once, and everything else works on codes."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from evergreen.tasks import task_named

Array = np.ndarray[Any, Any]
UNSEEN = -1.0
_FEW_ROWS = 64
"""For fewer rows a dictionary is quicker than a look-up of the whole column."""


class CategoryCodes(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Takes n × c texts, gives n × c codes 0, 1, 2 … (float), `UNSEEN` for a text that was not there in fitting.

    `order`: the codes follow the texts' own order, or how often they are there (0 is the most frequent).
    """

    def __init__(self, order: Literal["text", "frequency"] = "text") -> None:
        self.order = order

    def fit(self, x: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Remember each column's texts."""
        rows = np.asarray(x, dtype=object)
        self.codes_ = [self._codes(rows[:, position]) for position in range(rows.shape[1])]
        return self

    def transform(self, x: Any) -> Array:
        """The codes."""
        import pandas as pd

        rows = np.asarray(x, dtype=object)
        made = np.empty(rows.shape, dtype=np.float64)
        for position, codes in enumerate(self.codes_):
            column = rows[:, position]
            if len(rows) < _FEW_ROWS:
                made[:, position] = [codes.get(text, UNSEEN) for text in column]
            else:
                made[:, position] = pd.Index(list(codes), dtype=object).get_indexer(column)
        return made

    def _codes(self, column: Array) -> dict[str, float]:
        import pandas as pd

        counts = pd.Series(column, dtype=object).value_counts()
        texts = sorted(counts.index)
        if self.order == "frequency":
            texts.sort(key=lambda text: -counts[text])
        return {text: float(code) for code, text in enumerate(texts)}


class CategoryColumns(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Takes n × c texts; gives a column a category, 1 where it is there, of the `most` most frequent of each column.

    A column with more of them has its rarer ones, and what was not there in fitting, together in the last.
    """

    def __init__(self, most: int = 50) -> None:
        self.most = most

    def fit(self, x: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Remember each column's categories."""
        self.coder_ = CategoryCodes("frequency").fit(x)
        self.tables_ = [self._table(len(codes)) for codes in self.coder_.codes_]
        return self

    def transform(self, x: Any) -> Array:
        """The columns."""
        return _looked_up(self.tables_, self.coder_.transform(x))

    def _table(self, number: int) -> Array:
        if number <= self.most:
            return np.vstack([np.eye(number), np.zeros(number)])
        columns = np.minimum(np.arange(number + 1), self.most - 1)
        return np.asarray(np.eye(self.most)[columns])


class CategoryMeans(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Takes n × c texts; gives what the target is like where a category is (cross-fitted while fitting: Micci-Barreca
    2001, as scikit-learn's TargetEncoder), with `counts` the logarithm of how often it is there, and with `codes` its
    code by frequency.

    With more than `most_classes` classes, each of which would be a column, only the codes are given.
    """

    def __init__(
        self, task: str, seed: int = 0, *, counts: bool = True, codes: bool = True, most_classes: int = 10
    ) -> None:
        self.task = task
        self.seed = seed
        self.counts = counts
        self.codes = codes
        self.most_classes = most_classes

    def fit(self, x: Any, y: Any = None) -> Self:
        """As `fit_transform`."""
        self.fit_transform(x, y)
        return self

    def fit_transform(self, x: Any, y: Any = None) -> Array:
        """Fit, and give the training rows' features, none of which has seen its own row's target."""
        from sklearn.model_selection import KFold
        from sklearn.preprocessing import TargetEncoder

        self.coder_ = CategoryCodes("frequency").fit(x)
        codes = self.coder_.transform(x)
        self.often_ = [_log_counts(column) for column in codes.T]
        self.tables_ = None
        if task_named(self.task).has_classes and len(np.unique(y)) > self.most_classes:
            return self._beside(codes, None)
        kind = "auto" if task_named(self.task).has_classes else "continuous"
        encoder = TargetEncoder(target_type=kind, cv=KFold(5, shuffle=True, random_state=self.seed))
        means = encoder.fit_transform(codes, y)
        # the encoder checks its input for longer than it takes to look one row up
        self.target_mean_ = np.atleast_1d(encoder.target_mean_)
        width = len(self.target_mean_)
        encodings = encoder.encodings_
        self.tables_ = [
            np.vstack([np.column_stack(encodings[start : start + width]), self.target_mean_])
            for start in range(0, len(encodings), width)
        ]
        return self._beside(codes, means)

    def transform(self, x: Any) -> Array:
        """The features of other rows."""
        codes = self.coder_.transform(x)
        return self._beside(codes, None if self.tables_ is None else _looked_up(self.tables_, codes))

    def _beside(self, codes: Array, means: Array | None) -> Array:
        made = [] if means is None else [means]
        if self.codes or means is None:
            made.append(codes)
        if self.counts:
            made.append(_looked_up(self.often_, codes))
        return np.hstack(made)


def _looked_up(tables: list[Array], codes: Array) -> Array:
    """Each column's codes in its table, whose last row, that of −1, is for what was not there in fitting."""
    places = codes.astype(np.int64)
    return np.hstack([table[places[:, position]] for position, table in enumerate(tables)])


def _log_counts(codes: Array) -> Array:
    counts = np.bincount(codes.astype(np.int64)).astype(np.float64)
    return np.asarray(np.log1p(np.append(counts, 0.0))).reshape(-1, 1)
