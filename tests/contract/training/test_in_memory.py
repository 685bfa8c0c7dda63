"""The search on rows at hand, without a database."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import hashed, hashed_rows

from evergreen.features.readable import rules_of
from evergreen.training.candidates import CANDIDATES
from evergreen.training.errors import NotEnoughData, SearchFailed
from evergreen.training.fit.winner import Winner
from evergreen.training.in_memory import search_in_memory
from evergreen.training.nested_score import with_nested_score

sys.path.insert(0, str(Path(__file__).parent))  # children find it under this name too
from awkward_candidates import Fails

LINEAR = "logistic_regression"


def found(folder: Path, candidates: str = LINEAR, rows: int = 300, **said: Any) -> Winner:
    given: dict[str, Any] = {"budget": None, "trials": 3, "workers": 1, "seed": 1, "progress": lambda _: None, **said}
    return search_in_memory(hashed(candidates=candidates), hashed_rows(rows), workplace=folder / "work", **given)


def test_with_one_worker_and_a_budget_in_trials_the_same_rows_give_the_same_model(tmp_path: Path) -> None:
    one, other = (found(tmp_path / name, "logistic_regression, lightgbm", trials=4) for name in "ab")
    assert (one.candidate, one.params, one.fold_scores) == (other.candidate, other.params, other.fold_scores)
    assert one.predictor.predict(hashed_rows()).equals(other.predictor.predict(hashed_rows()))


def test_who_asks_for_a_model_to_read_gets_one_and_no_mix(tmp_path: Path) -> None:
    made = found(tmp_path, "rule_list", rows=800, trials=4)
    assert made.candidate == "rule_list"
    assert rules_of(made.predictor, "y")[0].startswith("if ")


def test_two_workers_make_the_trials_together(tmp_path: Path) -> None:
    said: list[str] = []
    fitted = found(tmp_path, trials=5, workers=2, progress=lambda line: said.append(str(line)))
    assert len(said) == 5
    assert fitted.search.complete + sum("pruned" in line for line in said) == 5


def nested(folder: Path, candidates: str, folds: int, trials: int) -> tuple[Winner, Winner, list[str]]:
    """A search where there is nothing to learn, the same with its nested score, and what was said meanwhile."""
    rows = hashed_rows(240)
    noise = rows.with_columns(y=pl.Series(np.random.default_rng(3).permutation(rows["y"].to_numpy())))
    use_case = hashed(candidates=candidates, split=f"method: nested, folds: {folds}")
    asked: dict[str, Any] = {"budget": None, "trials": trials, "workers": 1, "seed": 1}
    plain = search_in_memory(use_case, noise, workplace=folder / "work", progress=lambda _: None, **asked)
    said: list[str] = []
    assert with_nested_score(hashed(), plain, noise, workplace=folder, say=said.append, **asked) is plain
    return plain, with_nested_score(use_case, plain, noise, workplace=folder, say=said.append, **asked), said


@pytest.mark.long
def test_a_nested_score_is_of_searches_that_never_saw_the_fold(tmp_path: Path) -> None:
    plain, found, said = nested(tmp_path, "knn", folds=2, trials=2)
    assert len(found.fold_scores) == 2
    assert found.cv_score == pytest.approx(np.mean(found.fold_scores))
    assert found.cpu_seconds > plain.cpu_seconds
    assert sum("never saw" in line for line in said) == 2
    assert sum("fold 2 of 2: trial 2 of 2" in line for line in said) == 1
    assert found.notes[-1].startswith("nested: searches that never saw a fold come to roc_auc 0.")


@pytest.mark.long
def test_the_best_of_many_trials_looks_better_than_chance_and_its_nested_score_does_not(tmp_path: Path) -> None:
    plain, found, _ = nested(tmp_path, "knn, extra_trees", folds=3, trials=6)
    assert found.cv_score < plain.cv_score
    assert abs(found.cv_score - 0.5) < 0.12


def test_a_trial_that_the_search_did_not_wait_for_is_no_failure(tmp_path: Path) -> None:
    said: list[str] = []
    quick = found(
        tmp_path, "logistic_regression, extra_trees", rows=4000, trials=None, budget=timedelta(seconds=4),
        progress=lambda line: said.append(str(line)),
    )  # fmt: skip
    assert quick.search.failed == 0
    assert quick.search.complete > 0
    assert not [line for line in said if "TIMEOUT" in line]


def test_a_budget_too_small_for_one_trial_still_finishes_one(tmp_path: Path) -> None:
    assert found(tmp_path, trials=None, budget=timedelta(milliseconds=1)).search.complete == 1


def test_a_candidate_that_always_fails_ends_a_search_of_its_own_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CANDIDATES, LINEAR, Fails())
    with pytest.raises(SearchFailed, match=r"logistic_regression: ValueError \(2×\)") as caught:
        found(tmp_path, trials=None, budget=timedelta(milliseconds=1))
    assert "secret" not in str(caught.value)


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughData, match="has 9 rows"):
        found(tmp_path, rows=9)
