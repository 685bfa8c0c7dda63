"""What is decided of a whole study: its trials as they are noted, their predictions as they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from tests.unit.training.choose.test_decide import said_and_was
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.metrics.registry import metric_named
from evergreen.training.candidates import CANDIDATES
from evergreen.training.choose.decide import Decided, decide
from evergreen.training.search.objective import note
from evergreen.training.search.study import opened
from evergreen.training.trial.configuration import Configuration, suggested
from evergreen.training.trial.out_of_fold import OutOfFold, write_out_of_fold
from evergreen.training.trial.scored_codes import scored_codes
from evergreen.training.trial.work import Judged

LINEAR = Configuration("logistic_regression", {"C": 1.0, "l1_ratio": 0.0})
TREE = Configuration("decision_tree", {"max_depth": 4, "min_samples_leaf": 20, "ccp_alpha": 1e-5})
Trials = list[tuple[Configuration, Judged]]


def decided(training: str, trials: Trials, rows: pl.DataFrame, keep: Path) -> Decided:
    use_case = hashed(candidates="logistic_regression, decision_tree", training=training)
    with opened(use_case, None, "s", 1) as study:
        for configuration, judged in trials:
            study.enqueue_trial(configuration.as_trial())
            trial = study.ask()
            suggested(use_case, trial, CANDIDATES)
            note(trial, judged)
            study.tell(trial, float(np.mean(judged.scores)))
        return decide(use_case, study, rows, keep, 1)


def came_to(scores: tuple[float, ...], size: int = 1000, kept: tuple[str, str] = ("gone.npz", "")) -> Judged:
    return Judged(scores, 0.9, {}, 0.1, 0.1, size, 0.001, *kept)


def saying(codes: Any, shares: Any, keep: Path, name: str) -> Judged:
    """A trial that said these probabilities in three folds."""
    folds = [OutOfFold(part, shares[part]) for part in np.array_split(np.arange(len(codes)), 3)]
    metric = metric_named("roc_auc")
    scores = [metric.value(scored_codes(hashed(), codes[fold.positions], fold.shares, ())) for fold in folds]
    return came_to(tuple(scores), kept=write_out_of_fold(keep, name, folds))


def test_small_takes_a_smaller_model_that_is_hardly_worse_and_says_what_was_given_up(tmp_path: Path) -> None:
    trials = [
        (LINEAR, came_to((0.80, 0.84, 0.82), size=9_000_000)),
        (TREE, came_to((0.78, 0.85, 0.82), size=1_000_000)),
    ]
    best, small = (decided(f", prefer: {word}", trials, hashed_rows(60), tmp_path) for word in ("accuracy", "small"))
    assert (best.recipe.members, small.recipe.members) == (((LINEAR, 1.0),), ((TREE, 1.0),))
    assert best.notes == ("accuracy: the best roc_auc (0.82000) at 1.0 ms a row and 9.0 MB",)
    assert small.notes == (
        "small: roc_auc 0.81667 at 1.0 ms a row and 1.0 MB, instead of 0.82000 at 1.0 ms a row and 9.0 MB",
    )


def test_probabilities_that_are_too_sure_get_a_curve_unless_the_owner_wants_none(tmp_path: Path) -> None:
    codes, shares = said_and_was(3.0)
    trials = [(LINEAR, saying(codes, shares, tmp_path, "sure"))]
    rows = hashed_rows(len(codes)).with_columns(y=pl.Series(codes == 1))
    found, never = (decided(said, trials, rows, tmp_path) for said in ("", ", calibrate: never"))
    assert found.recipe.calibration is not None
    assert "probabilities calibrated (platt), since that has the better log loss" in found.notes
    assert (never.recipe.calibration, len(never.notes)) == (None, 1)


def test_a_mix_that_is_better_wins_unless_the_owner_wants_one_model(tmp_path: Path) -> None:
    rows, rng = hashed_rows(900), np.random.default_rng(0)
    codes = rows["y"].to_numpy().astype(np.int64)
    trials = []
    for one in (LINEAR, TREE):  # each knows the same and errs for itself
        shares = np.clip(0.4 + 0.2 * codes + rng.normal(scale=0.2, size=900), 0, 1)
        trials.append((one, saying(codes, shares, tmp_path, one.candidate)))
    mix, alone = (decided(said, trials, rows, tmp_path) for said in ("", ", ensemble: false"))
    assert {one.candidate for one, _ in mix.recipe.members} == {LINEAR.candidate, TREE.candidate}
    assert len(alone.recipe.members) == 1
    assert mix.score > alone.score
