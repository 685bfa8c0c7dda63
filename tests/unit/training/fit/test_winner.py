"""What there is to win from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.training.searching import END, taken
from tests.unit.training.tables import timed, timed_rows, write

from evergreen.training.errors import SearchFailed
from evergreen.training.fit.winner import fit_winner
from evergreen.training.split.snapshot import snapshot


def test_without_a_finished_trial_there_is_no_winner(tmp_path: Path) -> None:
    use_case = timed()
    with pytest.raises(SearchFailed, match="none was finished"):
        fit_winner(use_case, taken(use_case, timed_rows(300), tmp_path), f"sqlite:///{tmp_path}/s.db", "s", 1)


def test_labels_that_arrive_after_the_data_time_do_not_count(tmp_path: Path) -> None:
    early = END - timedelta(days=10)
    made = snapshot(timed(), write(timed_rows(), tmp_path / "t"), as_of=early, into=tmp_path)
    assert made.window_end is not None
    assert made.window_end <= early - timedelta(days=1, hours=1)
