"""Which class is said of probabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tests.unit.training.tables import timed, timed_rows

from evergreen.features.predictor import Predictor
from evergreen.tasks import MULTICLASS
from evergreen.tasks.classes import cheapest
from evergreen.training.fit.baselines import baseline

COST = st.floats(-10, 10).map(lambda value: round(value, 3))


@given(
    shares=arrays.arrays(np.float64, (5, 3), elements=st.floats(0.01, 1)),
    costs=st.tuples(*[st.tuples(COST, COST, COST)] * 3),
)
def test_no_other_answer_is_expected_to_cost_less(shares: np.ndarray, costs: tuple[tuple[float, ...], ...]) -> None:
    shares = shares / shares.sum(axis=1, keepdims=True)
    for row, said in zip(shares, cheapest(shares, costs), strict=True):
        expected = [sum(row[was] * costs[was][answer] for was in range(3)) for answer in range(3)]
        assert expected[said] <= min(expected) + 1e-9


@given(shares=arrays.arrays(np.float64, (5, 4), elements=st.floats(0.01, 1), unique=True))
def test_where_all_wrong_answers_cost_the_same_the_likeliest_is_said(shares: np.ndarray) -> None:
    shares = shares / shares.sum(axis=1, keepdims=True)
    costs = MULTICLASS.matrix(timed("multiclass", training=", costs: {}").training.costs, "abcd")
    assert (cheapest(shares, costs) == cheapest(shares, None)).all()


def test_a_saved_model_says_by_its_costs(tmp_path: Path) -> None:
    rows = timed_rows(300, task="multiclass")
    rarest = rows["y"].value_counts().sort("count")["y"][0]
    others = ", ".join(f"{name}: 1000" for name in ("c0", "c1", "c2") if name != rarest)
    model = baseline(timed("multiclass", training=f", costs: {{wrong: {{{rarest}: {{{others}}}}}}}"), rows)
    model.save(tmp_path)
    for each in (model, Predictor.load(tmp_path)):
        assert each.predict(rows)["prediction"].unique().to_list() == [rarest]
    assert baseline(timed("multiclass"), rows).predict(rows)["prediction"].unique().to_list() != [rarest]


def test_the_baseline_of_two_classes_says_the_one_that_is_cheaper_to_say_always() -> None:
    rows = timed_rows(300)
    for costs, always in (
        ("", False),
        (", costs: {false_negative: 50}", True),
        (", costs: {false_positive: 50}", False),
    ):
        said = baseline(timed(training=costs), rows).predict(rows)["prediction"]
        assert said.unique().to_list() == [always]
