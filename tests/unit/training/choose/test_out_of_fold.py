"""What a winner brings along, whichever trial it is: its predictions of the folds, and the owner's threshold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.unit.training.searching import LINEAR, run, taken
from tests.unit.training.tables import timed, timed_rows

from evergreen.parquet import read_checked
from evergreen.training.choose import options
from evergreen.training.choose.decide import decide
from evergreen.training.search.search import trials_folder
from evergreen.training.search.study import opened
from evergreen.training.trial.out_of_fold import OutOfFold, joined

COSTS = ", costs: {false_positive: 1, false_negative: 9}"


def test_a_winner_that_is_far_behind_the_best_has_its_predictions_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`prefer: small` may take a trial that nobody would mix, and costs decide its threshold all the same."""
    monkeypatch.setattr(options, "MOST_MIXED", 0)
    use_case = timed(candidates=LINEAR, training=COSTS)
    made, storage = taken(use_case, timed_rows(300), tmp_path), f"sqlite:///{tmp_path}/s.db"
    run(use_case, made, storage, 1)
    train = read_checked(made.train, made.train_sha256)
    with opened(use_case, storage, "s", 1) as study:
        decided = decide(use_case, study, train, trials_folder(made, "s"), 1)
    assert decided.out_of_fold is not None
    assert len(decided.out_of_fold.positions) > 0


def test_costs_decide_where_the_folds_predictions_are_gone(tmp_path: Path) -> None:
    use_case = timed(candidates=LINEAR, training=COSTS)
    made, storage = taken(use_case, timed_rows(300), tmp_path), f"sqlite:///{tmp_path}/s.db"
    run(use_case, made, storage, 1)
    train = read_checked(made.train, made.train_sha256)
    with opened(use_case, storage, "s", 1) as study:
        decided = decide(use_case, study, train, tmp_path / "nothing", 1)
    assert decided.out_of_fold is None
    assert decided.recipe.threshold == pytest.approx(0.1)


def test_a_row_that_several_folds_judged_is_one_observation() -> None:
    folds = [
        OutOfFold(np.array([2, 0]), np.array([0.2, 0.1])),
        OutOfFold(np.array([1]), np.array([0.5])),
        OutOfFold(np.array([0, 1, 2]), np.array([0.9, 0.9, 0.9])),
    ]
    one = joined(folds)
    assert one.positions.tolist() == [2, 0, 1]
    assert one.shares.tolist() == [0.2, 0.1, 0.5]
