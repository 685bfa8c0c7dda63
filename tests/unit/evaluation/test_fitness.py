"""Parts of the window, and what a model makes of rows it has not seen."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.unit.evaluation.models import Says, window_rows
from tests.unit.training.tables import timed

from evergreen.evaluation.fitness import Fitness, fitness, plain
from evergreen.evaluation.parts import by_slice, by_time
from evergreen.evaluation.window import Window, see
from evergreen.metrics.registry import metric_named
from evergreen.tasks import BINARY, REGRESSION
from evergreen.tasks.scored import Scored


def window(days: int = 14, better: float = 1.0) -> Window:
    return see(timed(), window_rows(days, 60, 1, better=better), Says("new"), Says("old"))  # type: ignore[arg-type]


def trained(signal: float) -> Scored:
    rng = np.random.default_rng(5)
    truth = (rng.random(3000) < 0.4).astype(np.int64)
    said = 1 / (1 + np.exp(-(signal * np.where(truth == 1, 0.5, -0.5) + rng.normal(size=3000))))
    return Scored(BINARY, truth, said, (said >= 0.5).astype(np.int64))


def word(signal: float, cv_score: float | None = None) -> str:
    found = fitness(window(), trained(signal), 1, cv_score)
    assert isinstance(found, Fitness)
    return found.word


def test_it_says_whether_rows_were_learned_by_heart_or_too_little() -> None:
    new = metric_named("roc_auc").value(window().challenger)
    assert word(2.0) == "no gap"
    assert word(9.0) == "over-fitting"
    assert word(9.0, cv_score=new) == "over-fitting"
    assert word(9.0, cv_score=0.99) == "the window differs"
    assert word(0.0) == "under-fitting"


def test_what_is_not_defined_is_not_judged() -> None:
    one = trained(2.0)
    assert fitness(window(), one.rows(one.truth == 1), 1) is None
    assert fitness(window(), None, 1) is None


def test_the_plain_answer_is_the_same_for_every_row() -> None:
    same = plain(trained(1.0))
    assert metric_named("roc_auc").value(same) == pytest.approx(0.5)
    numbers = np.arange(10.0)
    assert metric_named("r2").value(plain(Scored(REGRESSION, numbers, numbers, numbers))) == pytest.approx(0)


def test_what_says_the_same_quantile_of_every_row_has_learned_too_little() -> None:
    truth = np.random.default_rng(0).exponential(size=900)
    same = np.full(900, np.quantile(truth, 0.9))
    rows = Scored(REGRESSION, truth, same, same)
    use_case = timed("regression", training=", metric: pinball, quantile: 0.9")
    found = fitness(Window(use_case, pl.DataFrame(), rows, rows, np.arange(900), 900, "row"), rows, 1)
    assert found is not None
    assert found.word == "under-fitting"


def test_a_window_is_told_by_day_or_when_long_by_week() -> None:
    days = by_time(window(14))
    assert [part.rows for part in days] == [60] * 14
    assert days[0].name == "2024-01-01"
    weeks = by_time(window(42))
    assert [part.name for part in weeks[:2]] == ["2024-01-01", "2024-01-08"]
    assert weeks[1].rows == 420
    first = window(14).part(np.arange(60))
    assert days[0].challenger == pytest.approx(metric_named("roc_auc").value(first.challenger))
    assert days[0].champion == pytest.approx(metric_named("roc_auc").value(first.champion))


def test_a_window_without_time_has_no_periods() -> None:
    rows = window_rows(14, 60, 1).with_columns(_at=pl.lit(None, dtype=pl.Datetime("us", "UTC")))
    seen = see(timed(more="promotion: {block: row}"), rows, Says("new"), Says("old"))  # type: ignore[arg-type]
    assert by_time(seen) == []


def test_slices_are_the_largest_with_enough_rows() -> None:
    found = by_slice(window(), "group")
    assert sum(part.rows for part in found) == 840
    assert found == sorted(found, key=lambda part: -part.rows)
    assert by_slice(window(), "nowhere") == []
