"""How the rows to learn from are split again."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import churn, hashed, hashed_rows, timed, timed_rows

from evergreen.training.errors import NotEnoughData
from evergreen.training.folds import folds


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
