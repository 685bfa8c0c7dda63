"""What a search leaves to look at."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from tests.unit.training.searching import run, taken
from tests.unit.training.tables import hashed, hashed_rows, timed, timed_rows

from evergreen.training.choose.recipe import Recipe
from evergreen.training.fit.learning_curve import learning_curve
from evergreen.training.fit.winner import fit_winner
from evergreen.training.pictures.draw import draw
from evergreen.training.trial.configuration import Configuration


def test_a_search_and_its_winner_are_drawn(tmp_path: Path) -> None:
    use_case = hashed(candidates="lightgbm")
    made = taken(use_case, hashed_rows(300), tmp_path)
    storage = f"sqlite:///{tmp_path}/study.db"
    run(use_case, made, storage, 4)
    fitted = fit_winner(use_case, made, storage, "s", seed=1)
    draw(use_case, made, storage, "s", fitted, tmp_path / "pictures")
    found = {path.name for path in (tmp_path / "pictures" / "search").iterdir()}
    assert {"history.png", "importances.png", "parallel.png", "generalisation.png", "learning_curve.png"} <= found
    assert fitted.train_score > 0.5


def test_a_learning_curve_by_time_learns_from_the_newest_rows_before_those_it_is_judged_on() -> None:
    recipe = Recipe(((Configuration("logistic_regression", {"C": 1.0}), 1.0),))
    points = learning_curve(timed(), timed_rows(600), recipe, seed=0)
    assert [rows for rows, _, _ in points] == sorted({rows for rows, _, _ in points})
    # the oldest half says the opposite: only a model of the newest rows is right
    turned = timed_rows(600).with_columns(y=pl.when(pl.int_range(600) < 220).then(~pl.col("y")).otherwise("y"))
    points = learning_curve(timed(), turned, recipe, seed=0)
    assert points[0][2] > points[-1][2]
