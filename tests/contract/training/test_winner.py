"""The challenger and its twin: what a whole search leaves, and what it has not seen."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.unit.training.searching import END, LINEAR, run, taken
from tests.unit.training.tables import hashed, hashed_rows, timed, timed_rows, write

from evergreen.artifacts import Snapshot
from evergreen.spec import UseCase
from evergreen.training.fit.winner import Winner, fit_configuration, fit_winner
from evergreen.training.split.snapshot import snapshot


def won(use_case: UseCase, made: Snapshot, folder: Path) -> Winner:
    storage = f"sqlite:///{folder}/study.db"
    run(use_case, made, storage, 3)
    return fit_winner(use_case, made, storage, "s", seed=1)


def test_the_compared_model_ships_and_its_configuration_gives_it_again(tmp_path: Path) -> None:
    use_case, rows = timed(), timed_rows(400)
    made = taken(use_case, rows, tmp_path)
    fitted = won(use_case, made, tmp_path)
    assert fitted.twin is None
    assert fitted.compared is fitted.predictor
    assert fitted.trained_before == made.window_start
    assert fitted.cv_score == pytest.approx(sum(fitted.fold_scores) / len(fitted.fold_scores))
    again = fit_configuration(use_case, made, fitted.candidate, fitted.params, fitted.seed)
    assert again.predict(rows).equals(fitted.predictor.predict(rows))


def test_promise_6_with_refit_the_twin_is_compared_and_has_not_seen_the_window(tmp_path: Path) -> None:
    plain, rows = timed(candidates=LINEAR), timed_rows(400)
    use_case = timed(candidates=LINEAR, training=", refit: true")
    made = snapshot(use_case, write(rows, tmp_path / "t"), as_of=END, into=tmp_path / "s")
    fitted = won(use_case, made, tmp_path)
    twin = fit_configuration(plain, made, fitted.candidate, fitted.params, fitted.seed)
    assert fitted.compared.predict(rows).equals(twin.predict(rows))
    assert not fitted.predictor.predict(rows).equals(twin.predict(rows))
    assert fitted.trained_before == END
    assert fitted.rows == made.counts["mature"]


@pytest.mark.parametrize("refit", [False, True])
def test_promise_4_and_6_poisoned_window_rows_change_nothing_that_is_learned(tmp_path: Path, *, refit: bool) -> None:
    """Rows that were not known at the window's start are spoilt: the search, the winner and its answers stay."""
    use_case, rows = timed(candidates=LINEAR, training=f", refit: {str(refit).lower()}"), timed_rows(400)
    clean = snapshot(use_case, write(rows, tmp_path / "a"), as_of=END, into=tmp_path / "clean")
    spoilt = pl.col("_known_at") > clean.window_start
    poison = {
        "x": pl.lit(1e6), "z": pl.lit(-1e6), "few": pl.lit("poison"), "many": pl.lit("poison"), "y": ~pl.col("y"),
    }  # fmt: skip
    worse = rows.with_columns(**{name: pl.when(spoilt).then(value).otherwise(name) for name, value in poison.items()})
    assert not worse.equals(rows)
    dirty = snapshot(use_case, write(worse, tmp_path / "b"), as_of=END, into=tmp_path / "dirty")
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    one, other = won(use_case, clean, tmp_path / "1"), won(use_case, dirty, tmp_path / "2")
    assert (one.params, one.fold_scores) == (other.params, other.fold_scores)
    assert one.compared.predict(rows).equals(other.compared.predict(rows))


def test_promise_6_the_holdout_is_not_learned_from_even_by_a_refit(tmp_path: Path) -> None:
    use_case, rows = hashed(candidates=LINEAR, training=", refit: true"), hashed_rows(300)
    clean = snapshot(use_case, write(rows, tmp_path / "a"), as_of=END, into=tmp_path / "clean")
    held = pl.col("id").is_in(pl.read_parquet(clean.window)["id"].to_list())
    worse = rows.with_columns(
        y=pl.when(held).then(~pl.col("y")).otherwise("y"), x=pl.when(held).then(1e6).otherwise("x")
    )
    dirty = snapshot(use_case, write(worse, tmp_path / "b"), as_of=END, into=tmp_path / "dirty")
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    one, other = won(use_case, clean, tmp_path / "1"), won(use_case, dirty, tmp_path / "2")
    assert one.predictor.predict(rows).equals(other.predictor.predict(rows))
    assert one.fold_scores == other.fold_scores
