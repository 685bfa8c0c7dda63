"""Free text as numbers: its telling words, the directions in which its words differ most, and how long it is."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from evergreen.tasks import task_named

Array = np.ndarray[Any, Any]
_MOST_ROWS = 20_000
"""Words and directions are learned from at most so many rows, spread evenly: more hardly change them."""
_OFTEN = 5
"""A word in fewer texts than this tells too little by itself."""


class LongText(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF of words and pairs of words: those that tell most of the target (by chi-squared, for numbers by F), and
    all of them reduced to `directions` numbers a column (latent semantic analysis: Deerwester et al. 1990), beside the
    counts of words and of letters.

    Takes n × c texts, gives n × (c · (telling + directions + 2)) floats or fewer where there are fewer words.
    """

    def __init__(
        self, task: str, seed: int = 0, directions: int = 16, telling: int = 24, most_words: int = 20_000
    ) -> None:
        self.task = task
        self.seed = seed
        self.directions = directions
        self.telling = telling
        self.most_words = most_words

    def fit(self, x: Any, y: Any) -> Self:
        """Learn each column's words and directions."""
        rows = np.asarray(x, dtype=object)
        step = max(1, -(-len(rows) // _MOST_ROWS))
        rows, known = rows[::step], np.asarray(y)[::step]
        self.columns_ = [self._learned(rows[:, position], known) for position in range(rows.shape[1])]
        return self

    def transform(self, x: Any) -> Array:
        """The features of n × c texts."""
        rows = np.asarray(x, dtype=object)
        made = []
        for position, (words, telling, reduce) in enumerate(self.columns_):
            texts = rows[:, position]
            counts = [(len(text.split()), len(text)) for text in texts]
            made.append(np.array(counts, dtype=np.float64).reshape(len(texts), 2))
            if words is not None:
                found = words.transform(texts)
                made += [found[:, telling].toarray(), reduce.transform(found)]
        return np.hstack(made)

    def _learned(self, texts: Array, y: Array) -> tuple[Any, Any, Any]:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = TfidfVectorizer(
            token_pattern=r"(?u)\b\w+\b",  # noqa: S106 - what a word is
            ngram_range=(1, 2),
            min_df=2,
            max_features=self.most_words,
            sublinear_tf=True,
            strip_accents="unicode",
            dtype=np.float32,
        )
        try:
            found = words.fit_transform(texts)
        except ValueError:  # no word is there twice
            return None, None, None
        most = min(self.directions, found.shape[1] - 1, found.shape[0] - 1)
        if most < 1:
            return None, None, None
        return words, self._telling(found, y), TruncatedSVD(most, random_state=self.seed).fit(found)

    def _telling(self, found: Any, y: Array) -> Array:
        """Positions of the words, each in at least a few texts, that go most with the target."""
        from sklearn.feature_selection import chi2, f_regression

        scores, _ = chi2(found, y) if task_named(self.task).has_classes else f_regression(found, y)
        often = np.asarray((found > 0).sum(axis=0)).ravel() >= _OFTEN
        scores = np.where(often & np.isfinite(scores), scores, -1.0)
        best = np.argsort(-scores, kind="stable")[: self.telling]
        return np.sort(best[scores[best] >= 0])
