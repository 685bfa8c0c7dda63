"""The gate itself is tested: how often it promotes where it is known that nothing should be, and where it should.

A few hundred windows a case; `tests/benchmarks/bench_gate.py` looks at more cases and far more windows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.benchmarks.gate_worlds import BINARY, REGRESSION, SKEWED, Shape, World
from tests.examples import examples
from tests.unit.evaluation.models import judged, reason, window_rows
from tests.unit.evaluation.test_gate import promoting
from tests.unit.training.tables import timed

from evergreen.evaluation.gain import confidence_after, judge_gain
from evergreen.evaluation.window import Window
from evergreen.metrics.bootstrap import Resampling

WORLDS = {world.name: world for world in (*BINARY, *REGRESSION, *SKEWED)}
ALLOWED = 0.1
SMALL = Shape(days=14, rows=20, together=0.3)


def share_promoted(
    world: World, shape: Shape, *, better: float = 0.0, least: float = 0.0, uses: int = 1, runs: int = 300
) -> float:
    """Of windows: those in which any of `uses` challengers is promoted at 90% confidence."""
    spec = timed(
        world.task, training=f", metric: {world.metric}", more=f"promotion: {{min_gain: {{absolute: {least}}}}}"
    )
    promoted = 0
    for seed in range(examples(runs)):
        for use in range(uses):
            rng, own = np.random.default_rng([seed, 1]), np.random.default_rng([seed, use + 2])
            challenger, champion, day = world.make(shape, rng, own, better)
            window = Window(spec, pl.DataFrame(), challenger, champion, day, shape.days, "day")
            resampling = Resampling.of(window.blocks, window.number, seed, resamples=200)
            if judge_gain(window, confidence_after(1 - ALLOWED, use), resampling).reason.passed:
                promoted += 1
                break
    return promoted / examples(runs)


def at_most(runs: int = 300) -> float:
    """The share allowed and three standard errors of it."""
    return float(ALLOWED + 3 * np.sqrt(ALLOWED * (1 - ALLOWED) / examples(runs)))


@pytest.mark.parametrize("name", ["twins, roc_auc", "twins, log_loss", "twins, f1", "numbers, mse", "numbers, r2"])
def test_promise_6_no_more_false_promotions_than_allowed(name: str) -> None:
    """Rows taken for independent would promote twice as many of the numbers as are allowed."""
    assert share_promoted(WORLDS[name], SMALL) <= at_most()


def test_promise_6_a_gain_as_large_as_asked_for_is_no_larger() -> None:
    world = WORLDS["numbers, mse"]
    assert share_promoted(world, SMALL, better=0.3, least=0.3) <= at_most()


@pytest.mark.parametrize(("name", "days"), [("bad days, mse", 7), ("bad days, mse", 14), ("blunders, log_loss", 14)])
def test_promise_6_challengers_better_on_most_days_and_worse_on_some(name: str, days: int) -> None:
    """Student's t alone promotes a fifth of those with bad days in a week."""
    assert share_promoted(WORLDS[name], Shape(days=days, rows=100)) <= at_most() - 0.03


def test_promise_6_uneven_days_do_not_look_like_many() -> None:
    assert share_promoted(WORLDS["numbers, mse"], Shape(days=10, rows=20, together=0.5, uneven=1.2)) <= at_most()


def test_promise_6_a_window_may_be_asked_again_and_again() -> None:
    """Without paying for it, a quarter of the windows would promote one of six."""
    assert share_promoted(WORLDS["numbers, mse"], SMALL, uses=6, runs=150) <= at_most(150)


def test_the_gate_has_power() -> None:
    assert share_promoted(WORLDS["numbers, mse"], SMALL, better=0.5, runs=100) >= 0.6
    assert share_promoted(WORLDS["twins, roc_auc"], SMALL, better=0.8, runs=100) >= 0.6


def test_many_equal_slices_are_not_called_worse_by_chance(tmp_path: Path) -> None:
    """Holm over the slices: the chance of any false alarm among 20 stays near 5%, not near 64%."""
    use_case = promoting("slices: [group]")
    alarms, runs = 0, examples(12)
    for seed in range(runs):
        found = judged(use_case, window_rows(10, 150, seed, groups=20), tmp_path)
        alarms += reason(found, "slices:group").passed is False
    assert alarms <= 0.16 * runs


@pytest.mark.parametrize("day_noise", [pytest.param(0.0, marks=pytest.mark.long), 0.5])
def test_promise_6_challengers_that_are_no_better_pass_less_often_than_allowed(
    tmp_path: Path, day_noise: float
) -> None:
    """Pairs of equally good models, with errors that days share: at 90% confidence at most 10% may pass, plus two
    standard errors of that count. Rows taken for independent would promote two and three times as often.
    """
    use_case, runs = promoting("confidence: 0.9"), examples(60)
    passed = sum(
        judged(use_case, window_rows(8, 40, seed, day_noise=day_noise), tmp_path, seed=seed).verdict == "pass"
        for seed in range(runs)
    )
    assert passed <= 0.1 * runs + 2 * np.sqrt(runs * 0.1 * 0.9)
    better = sum(
        judged(use_case, window_rows(20, 40, seed, better=1.5, day_noise=day_noise), tmp_path, seed=seed).verdict
        == "pass"
        for seed in range(10)
    )
    assert better >= 7, "the gate has to have power, too"
