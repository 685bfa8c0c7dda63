"""Categories as numbers, quickly: each text is looked up once, and everything else works on codes."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

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
        self.often_ = [np.bincount(column.astype(np.int64)).astype(np.float64) for column in codes.T]
        self.means_ = None
        means = None
        if self.task == "regression" or len(np.unique(y)) <= self.most_classes:
            kind = "continuous" if self.task == "regression" else "auto"
            self.means_ = TargetEncoder(target_type=kind, cv=KFold(5, shuffle=True, random_state=self.seed))
            means = self.means_.fit_transform(codes, y)
        return self._beside(codes, means)

    def transform(self, x: Any) -> Array:
        """The features of other rows."""
        codes = self.coder_.transform(x)
        return self._beside(codes, None if self.means_ is None else self.means_.transform(codes))

    def _beside(self, codes: Array, means: Array | None) -> Array:
        made = [] if means is None else [means]
        if self.codes or means is None:
            made.append(codes)
        if self.counts:
            made.append(self._counted(codes))
        return np.hstack(made)

    def _counted(self, codes: Array) -> Array:
        made = np.zeros(codes.shape)
        for position, often in enumerate(self.often_):
            seen = codes[:, position] >= 0
            made[seen, position] = np.log1p(often[codes[seen, position].astype(np.int64)])
        return made
