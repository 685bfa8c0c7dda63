"""Candidates that stop early: what they find, when they give up, and what a plain fit makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evergreen.tasks import task_named
from evergreen.training.candidates import CANDIDATES
from evergreen.training.candidates.base import StopsEarly
from evergreen.training.candidates.early_stopping import Labelled

pytestmark = pytest.mark.long
EARLY = sorted(name for name, candidate in CANDIDATES.items() if candidate.stops_early)
TASKS = ("binary", "multiclass", "regression")


def rows(task: str, number: int = 240, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(number, 4))
    signal = x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(size=number)
    if task == "regression":
        return x, signal
    return x, np.digitize(signal, [0.0] if task == "binary" else [-0.7, 0.7])


def early(name: str) -> StopsEarly:
    candidate = CANDIDATES[name]
    assert isinstance(candidate, StopsEarly)
    return candidate


def quick(name: str, task: str) -> dict[str, Any]:
    """The first known-good configuration; of a forest, with few trees."""
    params = dict(CANDIDATES[name].known_good(task_named(task))[0])
    return {**params, "n_estimators": 45} if "n_estimators" in params else params


def never() -> bool:
    return False


def said(model: Any, x: Any) -> Any:
    return model.predict_proba(x) if hasattr(model, "predict_proba") else model.predict(x)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", EARLY)
def test_a_plain_fit_of_what_was_found_is_the_same_model(name: str, task: str) -> None:
    candidate, (x, y), (xj, yj) = early(name), rows(task), rows(task, 80, 1)
    params = quick(name, task)
    model = candidate.build(task_named(task), params, 0, 1)
    found = candidate.fit_early(model, Labelled(x, y), Labelled(xj, yj), never)
    again = candidate.build(task_named(task), {**params, **found}, 0, 1).fit(x, y)
    assert said(again, xj) == pytest.approx(said(model, xj), abs=1e-6)
    assert 1 < next(iter(found.values())) < 1000


@pytest.mark.parametrize("name", EARLY)
def test_who_gives_up_at_once_still_has_a_model(name: str) -> None:
    candidate, (x, y) = early(name), rows("binary")
    model = candidate.build(task_named("binary"), quick(name, "binary"), 0, 1)
    asked = []
    found = candidate.fit_early(model, Labelled(x, y), Labelled(x, y), lambda: not asked.append(1))
    assert len(asked) == 1
    assert found
    assert said(model, x).shape == (240, 2)


@pytest.mark.parametrize("name", EARLY)
def test_where_nobody_is_left_to_judge_it_learns_all_it_was_asked_to(name: str) -> None:
    candidate, (x, y) = early(name), rows("binary")
    model = candidate.build(task_named("binary"), quick(name, "binary"), 0, 1)
    nobody = Labelled(x, np.full(len(y), 2)).of_classes(y)
    assert len(nobody.y) == 0
    assert candidate.fit_early(model, Labelled(x[:60], y[:60]), nobody, never)
    assert said(model, x).shape == (240, 2)


def test_judge_rows_of_a_class_that_was_not_learned_are_left_out() -> None:
    x, y = rows("binary")
    judge = Labelled(x, np.where(x[:, 3] > 1, 2, y), np.arange(len(y)))
    kept = judge.of_classes(y)
    assert set(kept.y) == {0, 1}
    assert len(kept.x) == len(kept.y) == (judge.y < 2).sum()
    assert kept.weight is not None
    assert list(kept.weight) == list(np.flatnonzero(judge.y < 2))


@pytest.mark.parametrize("name", EARLY)
def test_weights_are_learned_with(name: str) -> None:
    candidate, (x, y), (xj, yj) = early(name), rows("binary"), rows("binary", 80, 1)
    shares = []
    for heavy in (1.0, 10.0):
        model = candidate.build(task_named("binary"), quick(name, "binary"), 0, 1)
        weight, weight_judge = (np.where(codes == 1, heavy, 1.0) for codes in (y, yj))
        candidate.fit_early(model, Labelled(x, y, weight), Labelled(xj, yj, weight_judge), never)
        shares.append(said(model, xj)[:, 1].mean())
    assert shares[1] > shares[0] + 0.1
