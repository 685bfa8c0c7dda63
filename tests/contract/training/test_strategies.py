"""The search: one study, one budget, whatever happens to its workers."""

from __future__ import annotations

import time
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.unit.training.searching import LINEAR, run, taken
from tests.unit.training.tables import FAST, hashed, hashed_rows, timed, timed_rows

from evergreen.features.errors import WrongColumns
from evergreen.features.fitting import learning_rows
from evergreen.hashing import file_sha256
from evergreen.training import candidates as module
from evergreen.training.candidates.lightgbm import LightGbm
from evergreen.training.errors import SearchFailed
from evergreen.training.imbalance import compared
from evergreen.training.search import search as searching
from evergreen.training.search.search import TrialProgress
from evergreen.training.search.study import forget_failed, opened
from evergreen.training.split.folds import folds
from evergreen.training.trial.configuration import Configuration, of_trial
from evergreen.training.trial.fold_features import FoldFeatures
from evergreen.training.trial.judge import Judge
from evergreen.training.trial.out_of_fold import read_out_of_fold
from evergreen.training.trial.work import Judged, OnFold
from evergreen.training.trial.worker import TIMEOUT, CandidateFailed, Here, Limits


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folds are not fitted but scored by the parameters: this is about which trials are made, and when it ends."""

    def by_parameters(self: Judge, tried: Configuration, name: str, *_: Any) -> Judged:
        self.work.candidates[tried.candidate].build(self.work.use_case.task, tried.params, 0, 1)
        score = zlib.crc32(repr((tried.candidate, sorted(tried.params.items()))).encode()) / 2**32
        return Judged((score,), 0.9, {}, 0.25, 0.1, 1000, 0.001, f"{name}.npz", "")

    monkeypatch.setattr(Judge, "judge", by_parameters)


@pytest.fixture
def storage(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/study.db"


@pytest.mark.usefixtures("scored")
def test_known_good_configurations_come_first_and_every_candidate_is_tried(tmp_path: Path, storage: str) -> None:
    use_case = timed(candidates=FAST)
    said: list[TrialProgress] = []
    found = run(use_case, taken(use_case, timed_rows(100), tmp_path), storage, 5, progress=said.append)
    assert [line.candidate for line in said[:4]] == ["logistic_regression", "lightgbm"] * 2
    assert [line.done for line in said] == [1, 2, 3, 4, 5]
    assert str(said[0]).startswith("trial 1 of 5: logistic_regression roc_auc 0.")
    assert found.complete == 5
    assert found.best_score == max(found.by_candidate.values())
    assert found.cpu_seconds > 0


@pytest.mark.usefixtures("scored")
def test_with_one_worker_and_a_budget_in_trials_it_tries_the_same(tmp_path: Path) -> None:
    use_case = timed(candidates=FAST)
    made = taken(use_case, timed_rows(100), tmp_path)
    tried = []
    for name in ("a", "b"):
        said: list[TrialProgress] = []
        found = run(use_case, made, f"sqlite:///{tmp_path}/{name}.db", 13, progress=said.append)
        tried.append((found.best_params, [(line.candidate, line.score) for line in said]))
    assert len(tried[0][1]) == 13, "ten at random, then TPE"
    assert tried[0] == tried[1]


@pytest.mark.usefixtures("scored")
def test_called_again_it_goes_on_up_to_the_budget(tmp_path: Path, storage: str) -> None:
    use_case = timed(candidates=LINEAR)
    made = taken(use_case, timed_rows(100), tmp_path)
    assert run(use_case, made, storage, 2).complete == 2
    assert run(use_case, made, storage, 5).complete == 5
    assert run(use_case, made, storage, 5).complete == 5


@pytest.mark.usefixtures("scored")
def test_workers_share_one_budget(tmp_path: Path, storage: str) -> None:
    use_case = timed(candidates=LINEAR)
    made = taken(use_case, timed_rows(100), tmp_path)
    said: list[TrialProgress] = []

    def second_worker_begins(line: TrialProgress) -> None:
        said.append(line)
        if len(said) == 2:
            run(use_case, made, storage, 5, worker=1, workers=2, progress=said.append)

    assert run(use_case, made, storage, 5, workers=2, progress=second_worker_begins).complete == 5
    assert len(said) == 5


@pytest.mark.usefixtures("scored")
def test_a_budget_too_small_for_one_trial_still_finishes_one(tmp_path: Path, storage: str) -> None:
    use_case = timed(candidates=LINEAR)
    made = taken(use_case, timed_rows(100), tmp_path)
    assert run(use_case, made, storage, 50, timeout=timedelta(milliseconds=1)).complete == 1


@pytest.mark.usefixtures("scored")
def test_the_champions_configuration_is_tried_before_all_and_alone_by_refit(tmp_path: Path, storage: str) -> None:
    use_case = timed(candidates=FAST)
    made = taken(use_case, timed_rows(100), tmp_path)
    champion = [Configuration("xgboost", {}), Configuration(LINEAR, {"C": 0.5})]
    said: list[TrialProgress] = []
    run(use_case, made, storage, 3, progress=said.append, champion=champion)
    assert [line.candidate for line in said] == [LINEAR, LINEAR, "lightgbm"], "xgboost is no candidate any more"
    refit = timed(candidates=FAST, training=", search: {strategy: refit}")
    found = run(refit, made, storage, 9, study="r", champion=champion)
    assert (found.complete, found.best_params) == (1, {"C": 0.5, "l1_ratio": 0.0}), "`l1_ratio` is a new parameter"
    assert run(refit, made, storage, 5, study="cold").complete == 5, "without a champion it is searched for"


@pytest.mark.usefixtures("scored")
def test_a_grid_is_tried_whole_and_nothing_else(tmp_path: Path, storage: str) -> None:
    grid = (
        ", search: {strategy: grid, grid: {logistic_regression: {C: [0.1, 1.0]}, lightgbm: {num_leaves: [7, 9, 11]}}}"
    )
    use_case = timed(candidates=FAST, training=grid)
    found = run(use_case, taken(use_case, timed_rows(100), tmp_path), storage, 50)
    assert found.complete == 5


class Slow(Here):
    """Judges the first configuration at once, and any other only when it is told to stop, or for ever."""

    def judge(self, configuration: Configuration, name: str, on_fold: OnFold, limits: Limits) -> Judged:
        if name == "trial-0":
            return super().judge(configuration, name, on_fold, limits)
        while not limits.over():
            time.sleep(0.05)
        raise CandidateFailed(configuration.candidate, TIMEOUT)


@pytest.mark.usefixtures("scored")
def test_a_trial_that_would_outlast_the_searchs_time_is_ended_and_is_no_failure(
    tmp_path: Path, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_LEAST", 0.5)
    use_case = timed(candidates=LINEAR)
    made = taken(use_case, timed_rows(100), tmp_path)
    began = time.monotonic()
    found = run(use_case, made, storage, 50, timeout=timedelta(seconds=1), judging=Slow)
    assert (found.complete, found.failed) == (1, 0)
    assert time.monotonic() - began < 20


@pytest.mark.usefixtures("scored")
def test_a_search_whose_time_is_up_gives_up_when_all_fails(
    tmp_path: Path, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module.CANDIDATES, "lightgbm", Broken())
    use_case = timed(candidates="lightgbm")
    made = taken(use_case, timed_rows(100), tmp_path)
    with pytest.raises(SearchFailed, match="all 2 trials"):
        run(use_case, made, storage, 50, timeout=timedelta(milliseconds=1))


@pytest.mark.usefixtures("scored")
@pytest.mark.parametrize("costs", ["", ", costs: {false_negative: 9}"])
def test_auto_compares_ways_to_balance_and_remembers_them(tmp_path: Path, storage: str, costs: str) -> None:
    use_case = timed(candidates=LINEAR, training=f", imbalance: auto{costs}")
    ways = compared(use_case)
    assert ("cost_weight" in ways) == bool(costs)
    made = taken(use_case, timed_rows(100), tmp_path)
    run(use_case, made, storage, 8)
    with opened(use_case, storage, "s", 1) as study:
        tried = [of_trial(one).balance for one in study.get_trials()]
    assert tried[: len(ways)] == list(ways)


def test_class_weights_leave_a_candidate_as_it_is_that_can_not_weigh_rows(tmp_path: Path, storage: str) -> None:
    use_case = timed(candidates=f"{LINEAR}, knn", training=", imbalance: class_weight")
    found = run(use_case, taken(use_case, timed_rows(100), tmp_path), storage, 2)
    with opened(use_case, storage, "s", 1) as study:
        tried = {one.candidate: one.balance for one in map(of_trial, study.get_trials()[:2])}
    assert (found.failed, tried) == (0, {LINEAR: "class_weight", "knn": "none"})


def test_promise_4_only_rows_to_learn_from_are_balanced(tmp_path: Path) -> None:
    use_case = hashed(candidates=LINEAR, training=", imbalance: random_over")
    made = taken(use_case, hashed_rows(300), tmp_path)
    run(use_case, made, storage=f"sqlite:///{tmp_path}/study.db", trials=1)
    kept = read_out_of_fold(*next((path, file_sha256(path)) for path in made.train.parent.glob("trials-s/*.npz")))
    judged = np.concatenate([fold.positions for fold in kept])
    assert sorted(judged) == list(range(made.train_rows)), "every row once, as it came"


@pytest.mark.usefixtures("scored")
def test_at_random_the_same_seed_tries_the_same(tmp_path: Path, storage: str) -> None:
    use_case = timed(candidates=LINEAR, training=", search: {strategy: random}")
    made = taken(use_case, timed_rows(100), tmp_path)
    assert (
        run(use_case, made, storage, 6, study="a").best_params == run(use_case, made, storage, 6, study="b").best_params
    )


class Broken(LightGbm):
    """A candidate that always fails, with a value in its message."""

    def build(self, *_: Any) -> Any:
        raise ValueError("could not convert 'secret'")


@pytest.mark.usefixtures("scored")
def test_a_candidate_that_always_fails_costs_its_own_trials_only(
    tmp_path: Path, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module.CANDIDATES, "lightgbm", Broken())
    use_case = timed(candidates=FAST)
    found = run(use_case, taken(use_case, timed_rows(100), tmp_path), storage, 4)
    assert (found.complete, found.failed, found.best_candidate) == (2, 2, "logistic_regression")


@pytest.mark.usefixtures("scored")
def test_a_study_of_failures_alone_is_begun_anew_when_its_cause_is_mended(
    tmp_path: Path, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_case = timed(candidates="lightgbm")
    made = taken(use_case, timed_rows(100), tmp_path)
    forget_failed(storage, "s")
    with monkeypatch.context() as broken:
        broken.setitem(module.CANDIDATES, "lightgbm", Broken())
        with pytest.raises(SearchFailed):
            run(use_case, made, storage, 2)
    forget_failed(storage, "s")
    assert run(use_case, made, storage, 2).complete == 2
    forget_failed(storage, "s")
    assert run(use_case, made, storage, 2).complete == 2, "one that has found something is kept"
    with opened(use_case, storage, "s", 1) as study:
        assert sum(trial.state.is_finished() for trial in study.trials) == 2


@pytest.mark.usefixtures("scored")
def test_when_every_trial_fails_the_reasons_are_counted_without_values(
    tmp_path: Path, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module.CANDIDATES, "lightgbm", Broken())
    use_case = timed(candidates="lightgbm")
    with pytest.raises(SearchFailed, match=r"all 3 trials.*lightgbm: ValueError \(3×\)") as caught:
        run(use_case, taken(use_case, timed_rows(100), tmp_path), storage, 3)
    assert "secret" not in str(caught.value)


def test_a_wrong_column_ends_the_search_at_once(tmp_path: Path, storage: str) -> None:
    use_case = timed(more="features: {numeric: {columns: [nowhere]}}")
    with pytest.raises(WrongColumns, match="nowhere"):
        run(use_case, taken(use_case, timed_rows(100), tmp_path), storage, 3)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks_minimise(task: str, tmp_path: Path, storage: str) -> None:
    use_case = hashed(task, candidates=FAST)
    found = run(use_case, taken(use_case, hashed_rows(120, task=task), tmp_path), storage, 3)
    assert found.best_score == min(found.by_candidate.values())


def test_promise_4_a_trial_fits_on_the_folds_rows_to_learn_from_only(tmp_path: Path) -> None:
    """Rows to be judged on are spoilt: neither the features nor the estimator of their fold are others."""
    use_case, rows = timed(), timed_rows(300)
    last = folds(use_case, rows, seed=0)[-1]
    spoilt = pl.int_range(rows.height).is_in(last.judge)
    worse = rows.with_columns(
        x=pl.when(spoilt).then(1e6).otherwise("x"),
        many=pl.when(spoilt).then(pl.lit("poison")).otherwise("many"),
        y=pl.when(spoilt).then(~pl.col("y")).otherwise("y"),
    )
    fitted = []
    for table in (rows, worse):
        made = learning_rows(use_case, table)
        of_fold = FoldFeatures(use_case, made, [last], 0).of(0, module.CANDIDATES[LINEAR])
        fitted.append((of_fold.learn, of_fold.learn_codes, of_fold.step.transform(learning_rows(use_case, rows).frame)))
    assert not set(rows["id"].gather(last.learn)) & set(rows["id"].gather(last.judge))
    for clean, dirty in zip(*fitted, strict=True):
        assert np.array_equal(clean, dirty)
