"""What a person is told at the end."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import hashed

from evergreen.tabular.report import Report
from evergreen.tabular.winner_score import Score, constant, score, unjudged
from evergreen.tasks import BINARY, MULTICLASS, REGRESSION
from evergreen.tasks.scored import Scored


def judged(lift: float, rows: int = 400) -> Score:
    rng = np.random.default_rng(0)
    truth = (rng.random(rows) > 0.5).astype(np.int64)
    shares = np.clip(0.5 + lift * (truth - 0.5) + rng.normal(scale=0.2, size=rows), 0, 1)
    winner = Scored(BINARY, truth, shares, (shares >= 0.5).astype(np.int64))
    return score(hashed(), winner, constant(winner, truth.mean()), pl.Series(range(rows)), 0)


def test_rows_that_err_together_make_the_interval_wider() -> None:
    rng = np.random.default_rng(1)
    truth, group = rng.normal(size=600), np.repeat(np.arange(30), 20)
    said = truth + rng.normal(size=30)[group]
    winner = Scored(REGRESSION, truth, said, said)
    each, together = (
        score(hashed("regression"), winner, constant(winner, 0.0), pl.Series(blocks), 0)
        for blocks in (range(600), group)
    )
    assert together.high - together.low > 2 * (each.high - each.low)


@pytest.mark.parametrize(
    ("trained", "said"),
    [
        (0.999, "roc_auc 0.999 on rows it learned from: it knows them better than new ones"),
        (0.51, "no better than on others"),
        (None, "no gap that could not be chance"),
    ],
)
def test_the_gap_between_its_own_rows_and_others_is_said(trained: float | None, said: str) -> None:
    found = judged(0.2)
    made = replace(report(found), trained=found.value if trained is None else trained)
    assert said in made.gap()
    assert said in "\n".join(made.lines("model"))
    assert said in made.markdown()


def test_what_is_no_number_is_null_in_the_report_for_programs() -> None:
    made = report(unjudged(hashed(), 0.7))
    assert made.to_json()["score"]["gain"] is None
    assert "not compared" in made.verdict()
    json.dumps(made.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("lift", "beats", "said"),
    [
        (0.5, True, "better by 0.4"),
        (0.04, None, "that may be chance; more rows would tell"),
        (-0.5, False, "nothing beats it"),
    ],
)
def test_winner_and_baseline_are_compared_in_words(lift: float, beats: bool | None, said: str) -> None:
    found = judged(lift)
    assert found.beats is beats
    assert said in report(found).verdict()
    assert found.low < found.value < found.high
    assert found.baseline == 0.5


def report(found: Score) -> Report:
    return Report(
        data="a.csv", target="y", task="binary", why_task="", metric="roc_auc", positive="yes", candidate="lightgbm",
        params={"depth": 3, "_calibration": {"method": "platt"}}, shipped="lightgbm", score=found, by_candidate={},
        trials=3, failed=1, rows=400, unlabelled=2, columns=4, dropped={"id": "empty", "no": "empty"}, rules=(),
        notes=("n",), seed=0, overhead=0.1, seconds=1.0, stopped=False, versions={},
    )  # fmt: skip


def test_the_report_says_what_was_left_out_and_why() -> None:
    lines = "\n".join(report(judged(0.5)).lines("model"))
    assert "winner      lightgbm (depth 3)" in lines
    assert "2 rows without a target were left out" in lines
    assert "left out    `id`, `no` (empty)" in lines
    assert "3 trials finished, 1 without a result" in lines
    mix = {"members": [{"candidate": "lightgbm", "weight": 0.75}, {"candidate": "catboost", "weight": 0.25}]}
    mixed = replace(report(judged(0.5)), candidate="ensemble", params=mix)
    assert "winner      ensemble (0.75 lightgbm + 0.25 catboost)" in "\n".join(mixed.lines("model"))


def test_a_rule_lists_rules_are_on_its_card() -> None:
    card = replace(report(judged(0.5)), rules=("if age > 30: no 80%, yes 20%", "otherwise: no 10%, yes 90%")).markdown()
    assert "1. if age > 30: no 80%, yes 20%\n2. otherwise" in card
    assert "rules" not in report(judged(0.5)).markdown()


def test_every_class_has_its_share_in_the_baseline() -> None:
    like = Scored(MULTICLASS, np.array([0, 1, 2]), np.full((3, 3), 1 / 3), np.zeros(3))
    assert constant(like, np.array([0.2, 0.5, 0.3])).decided.tolist() == [1, 1, 1]
    assert constant(Scored(REGRESSION, np.ones(2), np.ones(2), np.ones(2)), 4.0).shares.tolist() == [4.0, 4.0]
