"""What each task says of itself."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import polars as pl
import pytest

from evergreen.metrics.registry import metric_named
from evergreen.spec.costs import Costs
from evergreen.tasks import BINARY, MULTICLASS, REGRESSION, TASKS, Task, task_named, task_that_said
from evergreen.tasks.base import PLAIN

SAID: dict[Task, Any] = {
    BINARY: np.array([0.2, 0.7, 0.5]),
    MULTICLASS: np.array([[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]]),
    REGRESSION: np.array([1.5, 2.5, 3.5]),
}
CLASSES: dict[Task, Any] = {BINARY: (False, True), MULTICLASS: ("a", "b"), REGRESSION: ()}
ALL = pytest.mark.parametrize("task", TASKS.values(), ids=str)


TARGET = {BINARY: [False, True, True], MULTICLASS: ["b", "a", None], REGRESSION: [1.0, 2.0, 3.0]}


def predicted(task: Task) -> pl.DataFrame:
    return task.predictions(SAID[task], CLASSES[task], PLAIN, None)


@ALL
def test_a_task_is_the_same_after_a_copy_and_in_another_process(task: Task) -> None:
    assert task_named(task.name) is task
    for other in (pickle.loads(pickle.dumps(task)), copy.deepcopy(task)):
        assert (type(other), other) == (type(task), task)
    assert f"{task}" == task.name


@ALL
def test_predictions_are_known_by_their_columns(task: Task) -> None:
    assert task_that_said(predicted(task)) is task
    assert task_that_said(task.no_predictions(CLASSES[task])) is task
    assert task.no_predictions(CLASSES[task]).schema == predicted(task).schema


@ALL
def test_what_is_stored_is_judged_as_what_was_predicted(task: Task) -> None:
    target = pl.Series(
        "y", {BINARY: [False, True, True], MULTICLASS: ["b", "a", None], REGRESSION: [1.0, 2.0, 3.0]}[task]
    )
    stored = task.stored(predicted(task))
    assert stored.schema == {"prediction": pl.String, "probability": pl.Float64, "probabilities": pl.String}
    positive = {BINARY: "true"}.get(task)
    again, direct = (
        task.scored(task.known(target), task.from_store(stored), positive),
        task.scored(target, predicted(task)),
    )
    assert again.truth.tolist() == direct.truth.tolist()
    assert again.shares.tolist() == direct.shares.tolist()
    assert again.decided.tolist() == direct.decided.tolist()


@pytest.mark.parametrize(
    ("task", "spoken"),
    [
        (BINARY, '{"prediction": false, "probability": 0.2}'),
        (MULTICLASS, '{"prediction": "b", "probabilities": {"a": 0.2, "b": 0.8}}'),
        (REGRESSION, '{"prediction": 1.5}'),
    ],
)
def test_the_service_says_a_prediction_in_its_task_s_form(task: Task, spoken: str) -> None:
    assert json.dumps(task.spoken(predicted(task))[0]) == spoken
    assert task.spoken(task.no_predictions(CLASSES[task])) == []


def test_costs_say_from_where_on_yes_is_said_and_which_of_many_classes() -> None:
    costs = Costs(false_negative=3.0)
    assert BINARY.threshold(costs) == 0.25
    assert BINARY.predictions(np.array([0.3]), (False, True), 0.25, None)["prediction"].to_list() == [True]
    dear = MULTICLASS.matrix(Costs(wrong={"a": {"b": 10.0}}), ("a", "b"))
    assert MULTICLASS.predictions(np.array([[0.2, 0.8]]), ("a", "b"), PLAIN, dear)["prediction"].to_list() == ["a"]
    assert {task.threshold(None) for task in TASKS.values()} == {PLAIN}


@ALL
def test_a_prior_is_what_a_model_says_that_looks_at_nothing(task: Task) -> None:
    truth = np.array([0.0, 1.0, 1.0, 1.0]) if task is REGRESSION else np.array([0, 1, 1, 1])
    rows = task.laid(truth, task.everywhere(task.prior(truth, 2, None), 4), task.texts(("a", "b")), PLAIN, None)
    assert np.ravel(rows.shares)[-1] == 0.75
    assert len(rows) == 4
    assert rows.rows(np.array([0, 1])).task is task


@ALL
def test_every_metric_of_a_task_is_one_that_there_is(task: Task) -> None:
    assert [metric_named(name).name for name in task.metrics] == list(task.metrics)
