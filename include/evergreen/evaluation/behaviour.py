"""The owner's behavioural tests (`promotion.behaviour`): each asks the challenger something and is a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from evergreen.artifacts import Reason
from evergreen.errors import bounded, sentence
from evergreen.evaluation.probes import answers, raised, row_of
from evergreen.features.errors import WrongColumns
from evergreen.features.predictor import Predictor
from evergreen.spec import UseCase
from evergreen.spec.behaviour import Direction, Example, Invariance

_MOST_ROWS = 5000
_NOTHING = 1e-9
"""A smaller move is rounding."""
_Array = np.ndarray[Any, Any]
_Result = tuple[bool | None, str, float | None, float | None]
"""Passed, in words, value, limit."""


def judge_behaviour(use_case: UseCase, predictor: Predictor, rows: pl.DataFrame, seed: int) -> list[Reason]:
    """One reason a test, numbered as in the file, on at most `_MOST_ROWS` rows of the window."""
    behaviour = use_case.promotion.behaviour
    rng = np.random.default_rng(seed)
    if rows.height > _MOST_ROWS:
        rows = rows[np.sort(rng.choice(rows.height, _MOST_ROWS, replace=False))]
    tests: list[tuple[str, Any, Callable[[], _Result]]] = [
        *(("invariance", test, partial(_invariance, predictor, rows, test, rng)) for test in behaviour.invariance),
        *(("direction", test, partial(_direction, predictor, rows, test)) for test in behaviour.direction),
        *(("example", test, partial(_example, predictor, test)) for test in behaviour.examples),
    ]
    numbers: Counter[str] = Counter()
    reasons = []
    for kind, test, ask in tests:
        numbers[kind] += 1
        try:
            passed, text, value, limit = ask()
        except WrongColumns as error:
            passed, text, value, limit = False, f"The model can't be asked: {error}", None, None
        said = sentence(text)
        said = f"{sentence(test.why)} {said}" if test.why else said
        reasons.append(
            Reason(check=f"behaviour:{kind}:{numbers[kind]}", passed=passed, text=said, value=value, limit=limit)
        )
    return reasons


def _invariance(predictor: Predictor, rows: pl.DataFrame, test: Invariance, rng: np.random.Generator) -> _Result:
    missing = [name for name in test.columns if name not in rows.columns]
    if missing:
        return False, f"The table has no column {bounded(_ticked(missing))}. Correct `promotion.behaviour`.", None, None
    order = rng.permutation(rows.height)
    changed = rows.with_columns(rows[name].gather(order) for name in test.columns)
    moved = np.abs(answers(predictor, changed, test.of) - answers(predictor, rows, test.of))
    value = _worst(moved.max(axis=1), test.tolerate)
    names = bounded(_ticked(test.columns))
    text = (
        f"Changing {names} moves a prediction by {value:.4g} at most{_but(test.tolerate)}; {test.at_most:g} is allowed."
    )
    return value <= test.at_most + _NOTHING, text, value, test.at_most


def _direction(predictor: Predictor, rows: pl.DataFrame, test: Direction) -> _Result:
    if test.column not in rows.columns:
        return False, f"The table has no column `{test.column}`. Correct `promotion.behaviour`.", None, None
    rows = rows.filter(pl.col(test.column).is_not_null())
    if rows.is_empty():
        return None, f"`{test.column}` is missing in every row of the window.", None, None
    after = raised(rows, test.column, test.by)
    if after is None:
        kind = rows[test.column].dtype
        return (
            False,
            f"`{test.column}` is of type `{kind}`, which can't be raised. Take a number or a time.",
            None,
            None,
        )
    change = (answers(predictor, after, test.of) - answers(predictor, rows, test.of))[:, 0]
    up = test.prediction in {"rises", "never_falls"}
    if test.prediction in {"rises", "falls"}:
        value = float(change.mean())
        passed = value > _NOTHING if up else value < -_NOTHING
        text = f"Raising `{test.column}` by {test.by:g} moves the prediction by {value:+.4g} on average; it has to "
        return passed, text + ("rise." if up else "fall."), value, 0.0
    value = _worst(-change if up else change, test.tolerate)
    text = (
        f"Raising `{test.column}` by {test.by:g} lets the prediction {'fall' if up else 'rise'} by at most "
        f"{max(value, 0.0):.4g}{_but(test.tolerate)}; it never should."
    )
    return value <= _NOTHING, text, value, 0.0


def _example(predictor: Predictor, test: Example) -> _Result:
    try:
        row = row_of(predictor.schema, test.row)
        answer = predictor.predict(row)
        number = float(answers(predictor, row, test.of)[0, 0])
    except (pl.exceptions.PolarsError, TypeError, ValueError):
        return False, "The model can't be asked: a value of the example is not of its column's type.", None, None
    if test.expect is not None:
        right = str(answer["prediction"][0]) == str(test.expect)
        return right, f"Expected: {test.expect}. The answer is {answer['prediction'][0]}.", None, None
    low, high = test.at_least, test.at_most
    within = (low is None or number >= low) and (high is None or number <= high)
    asked = " and ".join(
        f"{word} {limit:g}" for word, limit in (("at least", low), ("at most", high)) if limit is not None
    )
    return within, f"Expected: {asked}. The answer is {number:.5g}.", number, low if low is not None else high


def _worst(values: _Array, tolerate: float) -> float:
    """The largest value when the share `tolerate` of the rows is set aside."""
    return float(np.sort(values)[len(values) - 1 - int(tolerate * len(values) + _NOTHING)])


def _but(tolerate: float) -> str:
    return f" in all but {tolerate:.1%} of the rows" if tolerate else ""


def _ticked(names: Iterable[str]) -> Iterable[str]:
    return (f"`{name}`" for name in names)
