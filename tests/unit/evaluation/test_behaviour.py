"""What the owner knows a good model does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.unit.training.tables import timed

from evergreen.artifacts import Reason
from evergreen.evaluation.behaviour import judge_behaviour
from evergreen.features.predictor import Predictor
from evergreen.features.schema import Column
from evergreen.tasks import task_named


@dataclass(frozen=True)
class Rule:
    """A pipeline whose answer is known: rises with wind, leans a little on the captain, and counts hours."""

    task: str = "binary"

    def predict(self, rows: Any) -> np.ndarray:
        captain = np.where(rows["captain"] == "ann", 0.1, 0.0)
        hours = rows["at"].to_numpy().astype("datetime64[us]").astype(float) / 3.6e9 % 24
        return np.clip(rows["wind"].to_numpy() / 100 + captain + hours / 100, 0, 1)

    def predict_proba(self, rows: Any) -> np.ndarray:
        said = self.predict(rows)
        return (
            np.column_stack([1 - said, said])
            if self.task == "binary"
            else np.column_stack([1 - said, said / 2, said / 2])
        )


def model(task: str = "binary") -> Predictor:
    columns = (
        Column("wind", "float", nullable=False, required=True),
        Column("captain", "string"),
        Column("at", "datetime", nullable=False, required=True),
    )
    classes: tuple[Any, ...] = {"binary": (False, True), "regression": (), "multiclass": ("a", "b", "c")}[task]
    return Predictor(Rule(task), task_named(task), columns, frozenset({"captain"}), classes)


ROWS = pl.DataFrame(
    {
        "wind": [float(v) for v in range(0, 80, 4)],
        "captain": ["ann", "bob"] * 10,
        "at": [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=i % 12) for i in range(20)],
        "y": [True, False] * 10,
    }
)


def reasons(said: str, task: str = "binary", rows: pl.DataFrame = ROWS) -> list[Reason]:
    return judge_behaviour(timed(task, more=f"promotion: {{behaviour: {{{said}}}}}"), model(task), rows, seed=1)


def test_what_a_prediction_must_not_lean_on() -> None:
    (found,) = reasons("invariance: [{columns: [captain], at_most: 0.05, why: captains do not make weather}]")
    assert (found.check, found.passed) == ("behaviour:invariance:1", False)
    assert found.value == pytest.approx(0.1)
    assert found.text.startswith("Captains do not make weather. Changing `captain` moves a prediction by 0.1 at most")
    assert reasons("invariance: [{columns: [captain], at_most: 0.1}]")[0].passed
    assert reasons("invariance: [{columns: [captain], at_most: 0.05, tolerate: 90%}]")[0].passed
    assert reasons("invariance: [{columns: [nothing]}]")[0].text.startswith("The table has no column `nothing`")


def test_columns_of_one_test_are_shuffled_together() -> None:
    twins = ROWS.with_columns(captain=pl.lit("ann"))
    (found,) = reasons("invariance: [{columns: [captain]}]", rows=twins)
    assert (found.passed, found.value) == (True, 0.0)


@pytest.mark.parametrize(
    ("prediction", "passed"), [("rises", True), ("falls", False), ("never_falls", True), ("never_rises", False)]
)
def test_which_way_a_prediction_goes(prediction: str, passed: bool) -> None:
    (found,) = reasons(f"direction: [{{column: wind, by: 5, prediction: {prediction}}}]")
    assert (found.check, found.passed, found.limit) == ("behaviour:direction:1", passed, 0.0)
    assert "Raising `wind` by 5" in found.text


def test_a_row_in_a_hundred_may_go_the_other_way_where_the_owner_says_so() -> None:
    falls_once = "direction: [{column: at, by: 46800, prediction: never_falls%s}]"  # 13 hours: from 11 to 0 o'clock
    assert reasons(falls_once % "")[0].passed is False
    assert reasons(falls_once % ", tolerate: 10%")[0].passed is True
    assert reasons(falls_once % ", tolerate: 1%")[0].passed is False


def test_what_can_not_be_raised_is_said() -> None:
    (found,) = reasons("direction: [{column: captain, by: 1, prediction: rises}]")
    assert (found.passed, "can't be raised" in found.text) == (False, True)
    empty = ROWS.with_columns(wind=pl.lit(None, dtype=pl.Float64))
    assert reasons("direction: [{column: wind, by: 1, prediction: rises}]", rows=empty)[0].passed is None


def test_rows_that_must_get_an_answer() -> None:
    row = 'row: {wind: 90, at: "2024-01-01T00:00:00Z"}'
    found = reasons(
        f"examples: [{{{row}, expect: true}}, {{{row}, expect: false}}, {{{row}, at_least: 0.85, at_most: 0.95}}, "
        f"{{{row}, at_most: 0.5}}]"
    )
    assert [one.passed for one in found] == [True, False, True, False]
    assert [one.check for one in found] == [f"behaviour:example:{n}" for n in range(1, 5)]
    assert found[3].text == "Expected: at most 0.5. The answer is 0.9."


def test_an_example_that_does_not_fit_the_model_says_why() -> None:
    found = reasons(
        'examples: [{row: {wind: 90}, expect: true}, {row: {wind: much, at: "2024-01-01"}, expect: true}, '
        "{row: {wnd: 3}, expect: true}]"
    )
    assert [one.passed for one in found] == [False, False, False]
    assert "needs the columns at" in found[0].text
    assert "a value of the example is not of its column's type" in found[1].text
    assert "much" not in found[1].text
    assert "no column wnd" in found[2].text


def test_one_class_of_several_and_numbers() -> None:
    found = reasons(
        "direction: [{column: wind, by: 5, prediction: rises, of: b}, {column: wind, by: 5, prediction: falls, of: a}, "
        "{column: wind, by: 5, prediction: falls, of: d}], "
        "invariance: [{columns: [captain], at_most: 0.06}, {columns: [captain], at_most: 0.06, of: b}]",
        "multiclass",
    )
    assert {one.check: one.passed for one in found} == {
        "behaviour:invariance:1": False, "behaviour:invariance:2": True,
        "behaviour:direction:1": True, "behaviour:direction:2": True, "behaviour:direction:3": False,
    }  # fmt: skip
    assert "no class `d`" in found[4].text
    row = 'row: {wind: 90, at: "2024-01-01T00:00:00Z"}'
    assert reasons(f"examples: [{{{row}, at_least: 0.9}}]", "regression")[0].passed


def test_no_tests_no_reasons() -> None:
    assert reasons("") == []
