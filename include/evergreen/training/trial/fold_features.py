"""The features of each fold, fitted once for every kind of candidate: parameters do not change them."""

from __future__ import annotations

import pickle
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from evergreen.features.fitting import LearningRows
from evergreen.features.pipeline import build_pipeline
from evergreen.spec import UseCase
from evergreen.training.candidates import Candidate
from evergreen.training.split.folds import Fold, Positions

_MOST_BYTES = 1 << 30
"""Of features kept at once; the longest unused go first."""


@dataclass(frozen=True, eq=False)
class FoldRows:
    """One fold as an estimator takes it. `step`: the fitted features; `learn_codes`: 0…c−1 of the c classes that are
    among the rows to learn from, `classes`: their codes among all; `judge_codes`: codes among all; `judged`: positions;
    `seconds`: what fitting the features took.
    """

    step: Any
    learn: Any
    learn_codes: Any
    judge: Any
    judge_codes: Any
    judged: Positions
    classes: Any
    seconds: float

    @property
    def judge_known(self) -> Any:
        """Which rows to be judged on have a class that is among the rows to learn from."""
        return np.isin(self.judge_codes, self.classes) if len(self.classes) else np.ones(len(self.judge), dtype=bool)

    def compact(self, codes: Any) -> Any:
        """Codes among all as codes among those to learn from."""
        return np.searchsorted(self.classes, codes) if len(self.classes) else codes

    @property
    def bytes(self) -> int:
        """What it holds."""
        return sum(int(getattr(part, "nbytes", 0)) for part in (self.learn, self.judge))


def kind_of_features(step: Any) -> bytes:
    """Unfitted features of the same kind have the same."""
    return pickle.dumps(step)


class FoldFeatures:
    """Fits on a fold's rows to learn from only, transforms those to be judged on, and remembers."""

    def __init__(self, use_case: UseCase, rows: LearningRows, folds: list[Fold], seed: int) -> None:
        self.folds = folds
        self._use_case, self._rows, self._seed = use_case, rows, seed
        self._kept: OrderedDict[tuple[int, bytes], FoldRows] = OrderedDict()

    def of(self, index: int, candidate: Candidate) -> FoldRows:
        """The rows of fold `index` as `candidate` takes them."""
        use_case, rows = self._use_case, self._rows
        probe = candidate.known_good(use_case.task)[0]
        step = build_pipeline(use_case, rows.types, candidate, probe, self._seed)[:-1]
        key = (index, kind_of_features(step))
        if key not in self._kept:
            self._kept[key] = self._fitted(step, self.folds[index])
            while len(self._kept) > 1 and sum(kept.bytes for kept in self._kept.values()) > _MOST_BYTES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _fitted(self, step: Any, fold: Fold) -> FoldRows:
        frame, codes = self._rows.frame, self._rows.codes
        classes = np.unique(codes[fold.learn]) if self._rows.classes else np.empty(0, dtype=np.int64)
        learn_codes = np.searchsorted(classes, codes[fold.learn]) if len(classes) else codes[fold.learn]
        began = time.monotonic()
        learn = step.fit_transform(frame.iloc[fold.learn], learn_codes)
        seconds = time.monotonic() - began
        return FoldRows(
            step=step,
            learn=learn,
            learn_codes=learn_codes,
            judge=step.transform(frame.iloc[fold.judge]),
            judge_codes=codes[fold.judge],
            judged=fold.judge,
            classes=classes,
            seconds=seconds,
        )
