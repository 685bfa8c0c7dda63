"""How the rows to learn from are split again."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import START, churn, hashed, hashed_rows, timed, timed_rows, write

from evergreen.features.fitting import learning_rows
from evergreen.tasks import MULTICLASS
from evergreen.training.candidates import CANDIDATES
from evergreen.training.errors import NotEnoughData
from evergreen.training.split.folds import folds
from evergreen.training.split.snapshot import snapshot
from evergreen.training.trial.fold_features import FoldFeatures


def test_promise_6_a_fold_by_time_learns_only_what_was_known_when_its_rows_begin() -> None:
    rows = timed_rows()
    found = folds(timed(), rows, seed=0)
    assert len(found) == 3
    for before, after in pairwise(found):
        assert len(before.learn) < len(after.learn)
        assert rows["_at"].gather(before.judge).max() < rows["_at"].gather(after.judge).min()
    for fold in found:
        assert fold.known_by == rows["_at"].gather(fold.judge).min()
        assert rows["_known_at"].gather(fold.learn).max() <= fold.known_by
        assert (rows["_at"].gather(fold.learn) + timedelta(days=1)).max() <= fold.known_by


def test_stratified_folds_have_each_row_judged_once_and_the_classes_shares() -> None:
    rows = churn()[:1003]
    found = folds(hashed(), rows, seed=4)
    assert sorted(np.concatenate([fold.judge for fold in found])) == list(range(rows.height))
    for fold in found:
        assert not set(fold.learn) & set(fold.judge)
        assert rows["y"].gather(fold.judge).eq("Yes").mean() == pytest.approx(rows["y"].eq("Yes").mean(), abs=0.01)
    assert [fold.judge[0] for fold in found] == [fold.judge[0] for fold in folds(hashed(), rows, seed=4)]


def test_rows_without_two_classes_in_any_fold_are_refused() -> None:
    rows = timed_rows(200).with_columns(y=pl.int_range(200) >= 199)
    with pytest.raises(NotEnoughData, match="at least two classes"):
        folds(timed(), rows, seed=0)


def test_a_regression_by_hash_splits_too() -> None:
    assert [len(fold.judge) for fold in folds(hashed("regression"), hashed_rows(100, task="regression"), 0)] == [
        34,
        33,
        33,
    ]


def test_promise_6_nothing_within_the_gap_is_learned_from(tmp_path: Path) -> None:
    rows, use_case = timed_rows(), timed(training="", split=", gap: 3d")
    for fold in folds(use_case, rows, seed=0):
        assert rows["_at"].gather(fold.learn).max() < fold.known_by - timedelta(days=3)
    made = snapshot(use_case, write(rows, tmp_path / "t"), as_of=START + timedelta(days=30), into=tmp_path / "s")
    assert pl.read_parquet(made.train)["_at"].max() < made.window_start - timedelta(days=3)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_groups_stay_together_in_folds_and_in_the_holdout(task: str, tmp_path: Path) -> None:
    use_case = hashed(task, split="group: many")
    rows = hashed_rows(600, task=task)
    found = folds(use_case, rows, seed=0)
    assert sorted(np.concatenate([fold.judge for fold in found])) == list(range(600))
    for fold in found:
        assert not set(rows["many"].gather(fold.learn)) & set(rows["many"].gather(fold.judge))
    made = snapshot(use_case, write(rows, tmp_path / "t"), as_of=START + timedelta(days=30), into=tmp_path / "s")
    train, window = (set(pl.read_parquet(path)["many"]) for path in (made.train, made.window))
    assert not train & window
    assert window


def test_groups_that_are_too_few_or_not_there_are_named() -> None:
    with pytest.raises(NotEnoughData, match="4 groups by `few`, fewer than its 5 folds"):
        folds(hashed(split="group: few, folds: 5"), hashed_rows(600), seed=0)
    with pytest.raises(NotEnoughData, match="names `nowhere`, which the table does not have"):
        folds(hashed(split="group: nowhere"), hashed_rows(600), seed=0)


def test_by_hash_a_row_keeps_its_fold_whatever_is_beside_it() -> None:
    use_case, rows = hashed(split="folds_by: hash"), hashed_rows(600)
    few, many = folds(use_case, rows[:400], 0), folds(use_case, rows, 7)
    for one, other in zip(few, many, strict=True):
        assert set(rows["id"].gather(one.judge)) <= set(rows["id"].gather(other.judge))


def test_repeated_holdout_and_random() -> None:
    rows = hashed_rows(300)
    repeated = folds(hashed(split="method: repeated, repeats: 2"), rows, seed=0)
    assert len(repeated) == 6
    assert not np.array_equal(repeated[0].judge, repeated[3].judge)
    for times in (repeated[:3], repeated[3:]):
        assert sorted(np.concatenate([fold.judge for fold in times])) == list(range(300))
    assert len(folds(hashed(split="method: holdout, folds: 5"), rows, seed=0)[0].judge) == 60
    assert len(folds(hashed(split="folds_by: random"), rows, seed=0)) == 3


def test_a_holdout_by_time_is_the_newest_rows() -> None:
    rows = timed_rows()
    (only,) = folds(timed(split=", method: holdout"), rows, seed=0)
    assert only.judge.max() == rows.height - 1
    assert only.learn.max() < only.judge.min()


def test_a_class_with_one_row_is_judged_and_learned_without_an_error() -> None:
    rows = hashed_rows(300, task="multiclass")
    rows = rows.with_columns(y=pl.when(pl.int_range(300) == 7).then(pl.lit("once")).otherwise("y"))
    use_case = hashed("multiclass", candidates="logistic_regression, lightgbm")
    found = folds(use_case, rows, seed=0)
    assert len(found) == 3
    for name in ("logistic_regression", "lightgbm"):
        cache = FoldFeatures(use_case, learning_rows(use_case, rows), found, 0)
        for index in range(3):
            fold = cache.of(index, CANDIDATES[name])
            estimator = CANDIDATES[name].build(MULTICLASS, CANDIDATES[name].known_good(MULTICLASS)[0], 0, 1)
            assert estimator.fit(fold.learn, fold.learn_codes).predict_proba(fold.judge).shape[1] == len(fold.classes)
