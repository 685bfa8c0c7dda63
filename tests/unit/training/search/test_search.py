"""What a search tries, how it looks for more, what it allows a trial, and when it gives one up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from optuna.samplers import RandomSampler, TPESampler
from tests.unit.training.searching import LINEAR, run, taken
from tests.unit.training.tables import FAST, hashed, hashed_rows, timed

from evergreen.hashing import file_sha256
from evergreen.spec import UseCase
from evergreen.training.candidates import CANDIDATES
from evergreen.training.choose.decide import decide
from evergreen.training.imbalance import compared
from evergreen.training.search.first_trials import enqueue, planned
from evergreen.training.search.search import limits_of, one_trial, work_of
from evergreen.training.search.study import opened
from evergreen.training.trial.configuration import Configuration, suggested
from evergreen.training.trial.worker import Here, Limits


@contextmanager
def tried(use_case: UseCase, rows: pl.DataFrame, configurations: list[Configuration], folder: Path) -> Iterator[Any]:
    """A study in memory whose trials are these configurations, fitted and judged in this process."""
    path = folder / "train.parquet"
    rows.write_parquet(path)
    work = work_of(use_case, path, file_sha256(path), 1, 1, folder / "kept")
    with opened(use_case, None, "s", 1) as study, Here(work) as here:
        enqueue(study, configurations)
        for _ in configurations:
            one_trial(use_case, study, here, Limits(), None, lambda _: None)
        yield study


def test_what_is_clearly_worse_on_its_first_fold_is_pruned(tmp_path: Path) -> None:
    good, poor = (Configuration(LINEAR, {"C": strength, "l1_ratio": 1.0}) for strength in (1.0, 2e-4))
    with tried(hashed(candidates=LINEAR), hashed_rows(1300), [good, poor], tmp_path) as study:
        first, second = study.get_trials()
    assert (first.state.name, second.state.name) == ("COMPLETE", "PRUNED")
    assert (len(first.intermediate_values), len(second.intermediate_values)) == (12, 4), "four parts a fold"


def test_folds_with_more_and_fewer_parts_keep_a_place_each_for_what_pruning_compares(tmp_path: Path) -> None:
    one = Configuration(LINEAR, {"C": 1.0, "l1_ratio": 0.0})
    with tried(hashed(candidates=LINEAR), hashed_rows(1199), [one], tmp_path) as study:
        (trial,) = study.get_trials()
    assert sorted(trial.intermediate_values) == [0, 1, 2, 3, 4, 5, 6, 7, 8], "400, 400 and 399 rows"


@pytest.mark.parametrize("said", ["", ", search: {strategy: tpe}", ", search: {strategy: refit}"])
def test_tpe_looks_at_the_parameters_of_a_candidate_together(said: str) -> None:
    with opened(timed(training=said), None, "s", 1) as study:
        assert isinstance(study.sampler, TPESampler)
        assert (study.sampler._multivariate, study.sampler._group) == (True, True)


def test_at_random_means_at_random() -> None:
    with opened(timed(training=", search: {strategy: random}"), None, "s", 1) as study:
        assert isinstance(study.sampler, RandomSampler)


def test_the_champions_configuration_is_the_first_and_with_refit_the_only_one() -> None:
    champion = Configuration(LINEAR, {"C": 0.7, "l1_ratio": 0.5})
    use_case = timed(candidates=FAST)
    first, alone = planned(use_case, [champion])
    assert (first[0], alone) == (champion, False)
    with opened(use_case, None, "s", 1) as study:
        enqueue(study, first)
        enqueue(study, first)
        assert [suggested(use_case, study.ask(), CANDIDATES) for _ in first] == first
        assert suggested(use_case, study.ask(), CANDIDATES) not in first, "queued once"
    refit = timed(candidates=FAST, training=", search: {strategy: refit}")
    assert planned(refit, [champion]) == ([champion], True)
    assert planned(refit, []) == planned(use_case, []), "without a champion it is searched for"


def test_what_the_owner_allows_a_trial_is_what_it_gets(tmp_path: Path) -> None:
    told: list[tuple[float | None, ...]] = []

    class Told(Here):
        def judge(self, configuration: Configuration, name: str, on_fold: Any, limits: Limits) -> Any:
            told.append((limits.soft, limits.seconds, limits.bytes))
            return super().judge(configuration, name, on_fold, limits)

    assert limits_of(timed()) == Limits()
    use_case = hashed(candidates=LINEAR, training=", search: {trial_timeout: 90s, trial_memory: 2GB}")
    assert limits_of(use_case) == Limits(soft=72, seconds=90, bytes=2_000_000_000)
    run(use_case, taken(use_case, hashed_rows(200), tmp_path), None, 1, judging=Told)
    assert told == [(72, 90, 2_000_000_000)]


def test_auto_takes_a_way_to_balance_where_it_is_clearly_better(tmp_path: Path) -> None:
    use_case = hashed(candidates=LINEAR, training=", imbalance: auto, metric: f1, ensemble: false")
    rows = hashed_rows(800).filter(~pl.col("y") | (pl.int_range(pl.len()) % 8 == 0))
    ways = planned(use_case, ())[0][: len(compared(use_case))]
    assert [one.balance for one in ways] == list(compared(use_case))
    with tried(use_case, rows, ways, tmp_path) as study:
        found, plain = decide(use_case, study, rows, tmp_path / "kept", 1), study.get_trials()[0]
    assert found.score > plain.value + 0.1
    assert found.recipe.members[0][0].balance != "none"
