"""How the rows to learn from are split again."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import polars as pl
import pytest
from tests.unit.training.tables import churn, hashed, hashed_rows, timed, timed_rows

from evergreen.training.errors import NotEnoughData
from evergreen.training.folds import folds


def test_promise_6_a_fold_by_time_learns_only_what_was_known_when_its_rows_begin() -> None:
    found = folds(timed(), timed_rows(), seed=0)
    assert len(found) == 3
    for before, after in pairwise(found):
        assert before.learn.height < after.learn.height
        assert before.judge["_at"].max() < after.judge["_at"].min()
    for fold in found:
        assert fold.known_by == fold.judge["_at"].min()
        assert fold.learn["_known_at"].max() <= fold.known_by
        assert (fold.learn["_at"] + timedelta(days=1)).max() <= fold.known_by


def test_stratified_folds_have_each_row_judged_once_and_the_classes_shares() -> None:
    rows = churn()[:1003]
    found = folds(hashed(), rows, seed=4)
    assert sorted(pl.concat([fold.judge for fold in found])["id"]) == sorted(rows["id"])
    for fold in found:
        assert not set(fold.learn["id"]) & set(fold.judge["id"])
        assert fold.judge["y"].eq("Yes").mean() == pytest.approx(rows["y"].eq("Yes").mean(), abs=0.01)
    assert [fold.judge["id"][0] for fold in found] == [fold.judge["id"][0] for fold in folds(hashed(), rows, seed=4)]


def test_rows_without_two_classes_in_any_fold_are_refused() -> None:
    rows = timed_rows(200).with_columns(y=pl.int_range(200) >= 199)
    with pytest.raises(NotEnoughData, match="at least two classes"):
        folds(timed(), rows, seed=0)


def test_a_regression_by_hash_splits_too() -> None:
    assert [fold.judge.height for fold in folds(hashed("regression"), hashed_rows(100, task="regression"), 0)] == [
        34,
        33,
        33,
    ]
