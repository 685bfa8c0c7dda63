"""Whole searches with real fits: the same winner again, and real departures."""

from __future__ import annotations

from pathlib import Path

from tests.unit.training.searching import LINEAR, run, taken
from tests.unit.training.tables import flights, timed, timed_rows, write

from evergreen.training.fit.winner import fit_winner
from evergreen.training.split.snapshot import snapshot


def test_with_one_worker_and_a_budget_in_trials_the_same_model_wins(tmp_path: Path) -> None:
    use_case = timed(candidates=LINEAR)
    rows = timed_rows(300)
    made = taken(use_case, rows, tmp_path)
    fitted = []
    for name in ("a", "b"):
        storage = f"sqlite:///{tmp_path}/{name}.db"
        run(use_case, made, storage, 3)
        fitted.append(fit_winner(use_case, made, storage, "s", seed=1))
    assert (fitted[0].params, fitted[0].fold_scores) == (fitted[1].params, fitted[1].fold_scores)
    assert fitted[0].predictor.predict(rows).equals(fitted[1].predictor.predict(rows))


def test_real_departures_all_candidates(tmp_path: Path) -> None:
    use_case = timed(candidates="logistic_regression, random_forest, lightgbm, xgboost")
    rows = flights().sample(2000, seed=1).sort("at")
    made = snapshot(use_case, write(rows, tmp_path / "t"), as_of=rows["at"].max(), into=tmp_path / "s")
    found = run(use_case, made, f"sqlite:///{tmp_path}/study.db", 4)
    assert found.complete == 4
    assert found.best_score > 0.55
