"""The baseline, and what there is to win from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.training.searching import END, taken
from tests.unit.training.tables import timed, timed_rows, write

from evergreen.training.errors import SearchFailed
from evergreen.training.snapshot import read_rows, snapshot
from evergreen.training.winner import baseline, fit_winner


def test_without_a_finished_trial_there_is_no_winner(tmp_path: Path) -> None:
    use_case = timed()
    with pytest.raises(SearchFailed, match="none was finished"):
        fit_winner(use_case, taken(use_case, timed_rows(300), tmp_path), f"sqlite:///{tmp_path}/s.db", "s", 1)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_baseline_says_what_one_says_without_looking(task: str, tmp_path: Path) -> None:
    use_case, rows = timed(task), timed_rows(300, task=task)
    made = taken(use_case, rows, tmp_path)
    train = read_rows(made.train, made.train_sha256)
    said = baseline(use_case, train).predict(rows)
    assert said.unique().height == 1
    if task == "binary":
        assert said["probability"][0] == pytest.approx(train["y"].mean())
    if task == "regression":
        assert said["prediction"][0] == pytest.approx(train["y"].mean())


def test_labels_that_arrive_after_the_data_time_do_not_count(tmp_path: Path) -> None:
    early = END - timedelta(days=10)
    made = snapshot(timed(), write(timed_rows(), tmp_path / "t"), as_of=early, into=tmp_path)
    assert made.window_end is not None
    assert made.window_end <= early - timedelta(days=1, hours=1)
