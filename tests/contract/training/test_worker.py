"""Trials in processes of their own: what takes too long or too much is ended, and the next trial goes on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.features.errors import WrongColumns
from evergreen.hashing import file_sha256
from evergreen.spec import UseCase
from evergreen.training.candidates import CANDIDATES
from evergreen.training.trial.configuration import Configuration
from evergreen.training.trial.out_of_fold import read_out_of_fold
from evergreen.training.trial.work import Pruned, Work
from evergreen.training.trial.worker import CandidateFailed, Here, Limits, Worker

sys.path.insert(0, str(Path(__file__).parent))  # children find it under this name too
from awkward_candidates import Dies, Fails, Grows, Hangs

LINEAR = "logistic_regression"
ONE = Configuration(LINEAR, {"C": 1.0})


def work(folder: Path, use_case: UseCase | None = None, **candidates: Any) -> Work:
    path = folder / "train.parquet"
    hashed_rows(300).write_parquet(path)
    known = {LINEAR: CANDIDATES[LINEAR], **candidates}
    return Work(use_case or hashed(), path, file_sha256(path), 1, 1, folder / "kept", known)


def go_on(*_: Any) -> bool:
    return True


def test_a_child_judges_as_this_process_does_and_keeps_the_predictions(tmp_path: Path) -> None:
    given = work(tmp_path)
    with Worker(given) as worker, Here(given) as here:
        there, near = (judge.judge(ONE, name, go_on, Limits()) for judge, name in ((worker, "a"), (here, "b")))
    assert there.scores == near.scores
    assert there.sha256 == near.sha256
    kept = read_out_of_fold(tmp_path / "kept" / there.out_of_fold, there.sha256)
    assert sorted(position for fold in kept for position in fold.positions) == list(range(300))
    assert there.size > 0
    assert there.latency > 0


@pytest.mark.parametrize(
    ("awkward", "limits", "reason"),
    [
        (Hangs(), Limits(seconds=0.5), "TIMEOUT"),
        (Grows(), Limits(bytes=600_000_000), "OUT_OF_MEMORY"),
        (Dies(), Limits(), "DIED"),
        (Fails(), Limits(), "ValueError"),
    ],
)
def test_a_trial_that_misbehaves_is_ended_and_the_next_one_goes_on(
    awkward: Any, limits: Limits, reason: str, tmp_path: Path
) -> None:
    with Worker(work(tmp_path, awkward=awkward)) as worker:
        child = worker.warm().pid
        with pytest.raises(CandidateFailed, match=f"^awkward: {reason}$"):
            worker.judge(Configuration("awkward", {"C": 1.0}), "a", go_on, limits)
        assert psutil.pid_exists(child) is (reason == "ValueError")
        assert len(worker.judge(ONE, "b", go_on, Limits()).scores) == 3


def test_a_pruned_trial_leaves_the_child_warm(tmp_path: Path) -> None:
    told: list[int] = []

    def enough(index: int, _: tuple[float, ...]) -> bool:
        told.append(index)
        return False

    with Worker(work(tmp_path)) as worker:
        child = worker.warm().pid
        assert not worker.ready
        with pytest.raises(Pruned):
            worker.judge(ONE, "a", enough, Limits())
        assert told == [0]
        assert worker.ready
        waited = worker.waited
        assert waited > 0
        worker.judge(ONE, "b", go_on, Limits())
        assert worker.warm().pid == child
        assert worker.waited == waited, "only for the child's start"


def test_errors_of_ours_come_out_of_the_child_as_they_are(tmp_path: Path) -> None:
    use_case = hashed(more="features: {numeric: {columns: [nowhere]}}")
    with Worker(work(tmp_path, use_case)) as worker, pytest.raises(WrongColumns, match="nowhere"):
        worker.judge(ONE, "a", go_on, Limits())
