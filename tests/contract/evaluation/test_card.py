"""The model card."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from tests.unit.training.tables import START, timed, timed_rows, write

from evergreen.evaluation.card import model_card
from evergreen.evaluation.gate import gate
from evergreen.evaluation.importance import importance
from evergreen.evaluation.latency import median_seconds
from evergreen.parquet import read_checked
from evergreen.training.fit.baselines import baseline
from evergreen.training.fit.winner import fit_configuration
from evergreen.training.split.snapshot import snapshot


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_it_says_what_the_model_is_and_what_the_gate_said(task: str, tmp_path: Path) -> None:
    use_case = timed(task, more="promotion: {slices: [few], max_latency: 5s}")
    rows = timed_rows(900, task=task)
    made = snapshot(use_case, write(rows, tmp_path / "t"), as_of=START + timedelta(days=30), into=tmp_path / "s")
    model = fit_configuration(use_case, made, "logistic_regression", {"C": 1.0}, 0)
    plain = baseline(use_case, read_checked(made.train, made.train_sha256))
    decision = gate(
        use_case, model_version=4, dataset_version=7, snapshot=made, challenger=model, rival=plain,
        against="baseline", window_uses=0, seed=1,
    )  # fmt: skip
    text = model_card(
        use_case, decision=decision, snapshot=made, challenger=model, champion=plain,
        candidate="logistic_regression", params={"C": 1.0}, cv_score=0.5, seed=0, into=tmp_path / "card",
    )  # fmt: skip
    assert (tmp_path / "card/model_card.md").read_text() == text
    assert "logistic_regression (C 1)" in text
    assert "| gain |" in text
    assert "| slices:few |" in text
    pictures = {path.name for path in (tmp_path / "card").glob("*.png")}
    wanted = {
        "binary": {"roc.png", "precision_recall.png", "threshold.png", "calibration.png"},
        "multiclass": {"confusion.png", "calibration.png"},
        "regression": {"residuals.png"},
    }[task]
    assert pictures == wanted | {"time.png", "importance.png"}
    assert "With 95% intervals" in text
    assert f"### {use_case.metric} by day or week" in text
    assert f"### {use_case.metric} by few" in text
    assert "on the window: **" in text
    for name in pictures:
        assert f"({name})" in text
        assert (tmp_path / "card" / name).read_bytes().startswith(b"\x89PNG")
    order = [name for name, _ in importance(use_case, model, pl.read_parquet(made.window), 1)]
    assert order.index("x") < order.index("z"), "x carries the signal and z none"
    assert 0 < median_seconds(model, pl.read_parquet(made.window)) < 5
