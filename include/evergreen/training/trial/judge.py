"""One configuration, fitted and judged on every fold: what a trial's worker process does."""

from __future__ import annotations

import io
import pickle
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evergreen.artifacts import JsonObject
from evergreen.features.fitting import LearningRows, learning_rows
from evergreen.features.learner import estimator_of
from evergreen.metrics.registry import metric_of
from evergreen.parquet import read_checked
from evergreen.training.candidates import Candidate
from evergreen.training.candidates.base import StopsEarly
from evergreen.training.candidates.early_stopping import Labelled
from evergreen.training.imbalance.fitting import Balanced, balanced, fit_weighed, stakes_of, undo_weights
from evergreen.training.split.folds import folds
from evergreen.training.trial.configuration import Configuration
from evergreen.training.trial.fold_features import FoldFeatures, FoldRows
from evergreen.training.trial.out_of_fold import OutOfFold, write_out_of_fold
from evergreen.training.trial.scored_codes import scored_codes
from evergreen.training.trial.work import PARTS, Judged, NotFinite, OnFold, Pruned, Work

_MOST_SEEN = 2000
"""Rows learned from that the train score is told from."""
_LEAST_PART = 100
"""Rows; a fold with less than so many in a part is one observation."""


@dataclass
class Judge:
    """Judges configurations on the same rows; what does not depend on them is kept between two calls."""

    work: Work
    _rows: LearningRows = field(init=False)
    _features: FoldFeatures = field(init=False)

    def __post_init__(self) -> None:
        rows = read_checked(self.work.train, self.work.train_sha256)
        parts = folds(self.work.use_case, rows, self.work.seed)
        self._rows = learning_rows(self.work.use_case, rows)
        self._features = FoldFeatures(self.work.use_case, self._rows, parts, self.work.seed)

    def judge(self, configuration: Configuration, name: str, on_fold: OnFold, seconds: float | None = None) -> Judged:
        """Fit on each fold's rows to learn from, and on nothing else; the metric on its rows to be judged on.

        `seconds`: boosters stop adding trees in time for it. Raises Pruned, NotFinite, and whatever the estimator does.
        """
        candidate = self.work.candidates[configuration.candidate]
        started = time.process_time()
        scores, found, refits = [], [], []
        longest = latency = 0.0
        size = 0
        train_score = float("nan")
        number = len(self._features.folds)
        for index in range(number):
            rows = self._features.of(index, candidate)
            estimator = estimator_of(
                self.work.use_case, candidate, configuration.params, self.work.seed, self.work.n_jobs
            )
            began = time.monotonic()  # libraries are imported and features fitted: neither is the configuration's fault
            until = None if seconds is None else began + seconds / number
            learned = self._balanced(configuration.balance, rows)
            refit = self._fit(candidate, estimator, learned, rows, until)
            estimator = undo_weights(configuration.balance, estimator, learned)
            took = rows.seconds + time.monotonic() - began
            longest = max(longest, took * len(self._rows.codes) / len(rows.learn_codes))
            shares = self._shares(estimator, rows, rows.judge)
            value = self._score(rows.judge_codes, shares)
            if not np.isfinite(value):
                raise NotFinite
            scores.append(value)
            refits.append(refit)
            found.append(OutOfFold(rows.judged, shares))
            if index == number - 1:
                size, latency = _size((rows.step, estimator)), self._latency(rows, estimator)
                train_score = self._train_score(estimator, rows)
            if not on_fold(index, self._parts(rows, shares, value)) and index < number - 1:
                raise Pruned
        path, sha256 = write_out_of_fold(self.work.keep, name, found)
        return Judged(
            scores=tuple(scores),
            train_score=train_score,
            refit=_mean(refits),
            cpu_seconds=round(time.process_time() - started, 3),
            fit_seconds=round(longest, 3),
            size=size,
            latency=latency,
            out_of_fold=path,
            sha256=sha256,
        )

    def _balanced(self, balance: str, rows: FoldRows) -> Balanced:
        stakes = stakes_of(self.work.use_case, self._rows.classes)
        own = None if stakes is None else stakes[rows.classes]
        return balanced(balance, rows.learn, rows.learn_codes, self.work.seed, own)

    def _fit(
        self, candidate: Candidate, estimator: Any, learned: Balanced, rows: FoldRows, until: float | None
    ) -> JsonObject:
        """Fits it; the parameters that a fit without judge rows takes."""
        learn = Labelled(learned.x, learned.y, learned.weight)
        if not isinstance(candidate, StopsEarly):
            fit_weighed(estimator, learn.x, learn.y, learn.weight)
            return {}
        known = rows.judge_known
        codes = rows.compact(rows.judge_codes[known])
        # judged by rows of the same weight as it learns from, or it would stop as soon as the weights begin to tell
        judge = Labelled(rows.judge[known], codes, None if learned.counts is None else learned.counts[codes])
        if self.work.use_case.task.has_classes:
            judge = judge.of_classes(learn.y)
        return candidate.fit_early(
            estimator, learn, judge, give_up=lambda: until is not None and time.monotonic() > until
        )

    def _train_score(self, estimator: Any, rows: FoldRows) -> float:
        """On some of the rows that were learned from, evenly spread."""
        seen = np.unique(np.linspace(0, len(rows.learn) - 1, _MOST_SEEN).astype(np.int64))
        codes = rows.learn_codes[seen]
        shares = self._shares(estimator, rows, rows.learn[seen])
        return self._score(rows.classes[codes] if len(rows.classes) else codes, shares)

    def _shares(self, estimator: Any, rows: FoldRows, x: Any) -> Any:
        """For features `x`: n predictions, n probabilities of the positive class, or n × k of all classes there are."""
        task = self.work.use_case.task
        return task.spread(task.ask(estimator, x), rows.classes, len(self._rows.classes))

    def _score(self, codes: Any, shares: Any) -> float:
        use_case = self.work.use_case
        return metric_of(use_case).value(scored_codes(use_case, codes, shares, self._rows.classes))

    def _parts(self, rows: FoldRows, shares: Any, value: float) -> tuple[float, ...]:
        """The fold's rows in consecutive parts, each judged for itself; the fold as one where a part would be small."""
        if len(shares) < PARTS * _LEAST_PART:
            return (value,)
        found = [
            self._score(codes, part)
            for codes, part in zip(np.array_split(rows.judge_codes, PARTS), np.array_split(shares, PARTS), strict=True)
        ]
        return tuple(found) if np.isfinite(found).all() else (value,)

    def _latency(self, rows: FoldRows, estimator: Any) -> float:
        """Seconds for the features and the prediction of one row, the quickest of a few."""
        one = self._rows.frame.iloc[rows.judged[:1]]
        task = self.work.use_case.task
        took = []
        for _ in range(4):
            began = time.perf_counter()
            task.ask(estimator, rows.step.transform(one))
            took.append(time.perf_counter() - began)
        return round(min(took), 6)


def _size(model: Any) -> int:
    buffer = io.BytesIO()
    pickle.dump(model, buffer, protocol=5)
    return buffer.tell()


def _mean(refits: list[JsonObject]) -> JsonObject:
    """Each parameter's mean over folds, a whole number where it was one."""
    return {
        key: round(float(np.mean([refit[key] for refit in refits])))
        if isinstance(value, int)
        else float(np.mean([refit[key] for refit in refits]))
        for key, value in refits[0].items()
    }
