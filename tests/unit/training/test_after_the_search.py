"""What is made of a finished search besides its winner never costs the winner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from tests.unit.training.searching import LINEAR, taken
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.artifacts import Snapshot
from evergreen.training import nested_score as nested
from evergreen.training.choose.recipe import Recipe
from evergreen.training.errors import NotEnoughData
from evergreen.training.fit import learning_curve
from evergreen.training.fit.winner import Winner
from evergreen.training.pictures import draw as pictures
from evergreen.training.pictures.plots import draw_search
from evergreen.training.search.study import TRAIN_SCORE
from evergreen.training.search.summary import SearchSummary
from evergreen.training.trial.configuration import CANDIDATE, Configuration

RECIPE = Recipe(((Configuration(LINEAR, {"C": 1.0}), 1.0),))


def winner(recipe: Recipe = RECIPE, seconds: float = 0.01, rows: int = 300) -> Winner:
    """One that these pictures and scores need no model of."""
    nothing: Any = None
    summary = SearchSummary(
        study="s", complete=1, failed=0, best_score=0.8, best_candidate=LINEAR, best_params={}, by_candidate={},
        cpu_seconds=0.1,
    )  # fmt: skip
    return Winner(
        predictor=nothing, twin=None, candidate=recipe.candidate, params=recipe.params, seed=1, cv_score=0.8,
        fold_scores=(0.8,), train_score=0.9, notes=("why it won",), trained_before=None, rows=rows,
        fit_seconds=seconds, cpu_seconds=0.1, search=summary,
    )  # fmt: skip


def scored(fitted: Winner, folder: Path) -> Winner:
    use_case = hashed(candidates=LINEAR, split="method: nested, folds: 2")
    return nested.with_nested_score(
        use_case, fitted, hashed_rows(200), budget=timedelta(seconds=1), trials=1, workers=1, seed=1, workplace=folder,
        say=lambda _: None,
    )  # fmt: skip


def test_where_a_folds_own_search_fails_the_winner_stands_without_a_nested_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> Winner:
        raise NotEnoughData("too few rows of a class")

    monkeypatch.setattr(nested, "search_in_memory", fails)
    found = scored(winner(), tmp_path)
    assert found.notes == (
        "why it won",
        "nested: fold 1 of 2 has no winner, so there is no score (too few rows of a class)",
    )
    assert (found.cv_score, found.fold_scores, found.stopped) == (0.8, (0.8,), False)


def drawn(made: Snapshot, fitted: Winner, folder: Path) -> tuple[list[str], set[str]]:
    """What is said, and the pictures that there are then."""
    said: list[str] = []
    storage: Any = None  # a study in memory, without trials
    pictures.draw(hashed(), made, storage, "s", fitted, folder, said.append)
    return said, {path.name for path in (folder / "search").iterdir()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return taken(hashed(), hashed_rows(300), tmp_path_factory.mktemp("made"))


def test_a_part_that_can_not_be_learned_costs_the_learning_curve_and_nothing_else(
    made: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> object:
        raise ValueError("a row's secret")

    monkeypatch.setattr(learning_curve, "fit_recipe", fails)
    said, found = drawn(made, winner(), tmp_path)
    assert said == ["no learning curve: a fit on some of the rows failed with ValueError"]
    assert "learning_curve.png" not in found


def test_rows_that_make_no_folds_cost_the_learning_curve_and_nothing_else(
    made: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> object:
        raise NotEnoughData("no fold can be made")

    monkeypatch.setattr(learning_curve, "folds", fails)
    assert drawn(made, winner(), tmp_path)[0] == ["no learning curve: no fold can be made"]


def test_a_share_of_fewer_than_twenty_rows_is_left_out() -> None:
    points = learning_curve.learning_curve(hashed("regression"), hashed_rows(90, task="regression"), RECIPE, 1)
    assert [rows for rows, _, _ in points] == [30, 60]


@pytest.mark.parametrize("seconds", [0.0, 4.0, 20.0])
def test_a_learning_curve_of_a_slow_winner_ends_where_it_would_take_too_long_and_says_so(
    made: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    ends: list[tuple[int, int | None]] = []

    def noted(points: Sequence[Any], _: str, path: Path, of: int | None) -> None:
        ends.append((points[-1][0], of))
        path.touch()

    monkeypatch.setattr(pictures, "draw_learning_curve", noted)
    assert "learning_curve.png" in drawn(made, winner(seconds=seconds, rows=made.train_rows), tmp_path)[1]
    affordable = int(10 / (20 * 1.875 / made.train_rows)) if seconds == 20 else None
    whole = pytest.approx(made.train_rows * 2 / 3, abs=1)
    assert ends == [(affordable or whole, made.train_rows if affordable else None)]


def test_a_learning_curve_says_where_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from evergreen.training.pictures import plots

    labels: list[str] = []
    plain = plots._picture
    monkeypatch.setattr(plots, "_picture", lambda title, x, y: (labels.append(x), plain(title, x, y))[1])
    for of in (None, 5000):
        plots.draw_learning_curve([(10, 0.9, 0.6), (20, 0.8, 0.7)], "roc_auc", tmp_path / "curve.png", of)
    assert labels == ["rows learned from", "rows learned from, of 5000 in all: more would take too long"]


def study_of(**candidates: Sequence[float]) -> optuna.Study:
    """A study whose trials have these scores; each candidate has one parameter."""
    study = optuna.create_study(direction="maximize")
    names = CategoricalDistribution(list(candidates))
    for name, scores in candidates.items():
        own = f"{name}.size"
        for score in scores:
            trial = optuna.trial.create_trial(
                params={CANDIDATE: name, own: score},
                distributions={CANDIDATE: names, own: FloatDistribution(0, 1)},
                user_attrs={TRAIN_SCORE: score},
                value=score,
            )
            study.add_trial(trial)
    return study


def test_parameters_are_drawn_of_the_winners_candidate_and_not_of_the_best_trials(
    made: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(knn=[0.9], lightgbm=list(np.linspace(0.2, 0.8, 4)))
    assert {path.name for path in draw_search(study, "roc_auc", tmp_path / "lightgbm", "lightgbm")} >= {"parallel.png"}
    assert "parallel.png" not in {path.name for path in draw_search(study, "roc_auc", tmp_path / "knn", "knn")}
    asked: list[str] = []
    monkeypatch.setattr(pictures, "draw_search", lambda *given: asked.append(given[3]))
    light = Configuration("lightgbm", {"n_estimators": 3})
    mix = Recipe(((RECIPE.members[0][0], 0.2), (light, 0.5), (Configuration(LINEAR, {"C": 0.1}), 0.3)))
    monkeypatch.setattr(pictures, "learning_curve", lambda *_: [])
    drawn(made, winner(mix), tmp_path)
    assert asked == ["lightgbm"]
