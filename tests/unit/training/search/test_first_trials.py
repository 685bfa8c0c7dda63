"""An owner's grid: every combination, and nothing that would have no effect."""

from __future__ import annotations

import pytest
from tests.unit.training.tables import FAST, timed

from evergreen.errors import PermanentError
from evergreen.spec import UseCase
from evergreen.training.imbalance import compared
from evergreen.training.search.first_trials import planned, usual_trials


def with_grid(grid: str, more: str = "") -> UseCase:
    return timed(candidates=FAST, training=f", search: {{strategy: grid, trials: 2, grid: {grid}}}{more}")


def test_every_combination_is_tried_however_few_trials_are_usual() -> None:
    use_case = with_grid("{logistic_regression: {C: [0.1, 1.0, 9.0], l1_ratio: [0.0, 1.0]}}")
    assert usual_trials(use_case) == 6
    tried, alone = planned(use_case, ())
    assert alone
    assert [(one.params["C"], one.params["l1_ratio"]) for one in tried] == [
        (0.1, 0.0), (0.1, 1.0), (1.0, 0.0), (1.0, 1.0), (9.0, 0.0), (9.0, 1.0),
    ]  # fmt: skip


def test_without_a_grid_the_usual_trials_are_what_the_use_case_says() -> None:
    assert usual_trials(timed(training=", search: {trials: 7}")) == 7


def test_a_grid_is_tried_with_every_way_to_balance_where_these_are_compared() -> None:
    use_case = with_grid("{logistic_regression: {C: [0.1, 1.0]}}", ", imbalance: auto")
    assert usual_trials(use_case) == 2 * len(compared(use_case))
    assert {one.balance for one in planned(use_case, ())[0]} == set(compared(use_case))


def test_a_parameter_that_is_not_searched_is_refused_since_it_would_have_no_effect() -> None:
    with pytest.raises(PermanentError, match=r"grid\.lightgbm`: `max_depth` is not searched; parameters are .*`num_"):
        planned(with_grid("{lightgbm: {num_leaves: [7], max_depth: [3, 8]}}"), ())


@pytest.mark.parametrize("values", ["l1_ratio: [0.25]", "C: [0]", "C: [strong]"])
def test_a_value_that_its_parameter_can_not_have_is_refused(values: str) -> None:
    with pytest.raises(PermanentError, match=r"grid\.logistic_regression`: a value is none that"):
        planned(with_grid(f"{{logistic_regression: {{{values}}}}}"), ())


def test_a_number_beyond_what_is_searched_by_itself_may_be_tried() -> None:
    tried, _ = planned(with_grid("{logistic_regression: {C: [5000.0]}}"), ())
    assert tried[0].params["C"] == 5000
