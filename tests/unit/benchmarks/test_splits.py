"""Which rows the training benchmark keeps apart, and in which order it runs."""

from __future__ import annotations

import polars as pl
import pytest
from tests.benchmarks.training.cells import plan
from tests.benchmarks.training.datasets import DEVELOPMENT, REPORTED, Dataset
from tests.benchmarks.training.splits import parted

ROWS = pl.DataFrame({"row": range(400), "y": ["rare"] * 12 + ["often"] * 388})
CLASSES = Dataset("made", "none", "none", "y", "multiclass")


def test_every_row_is_on_one_side_and_each_class_on_both():
    train, test = parted(ROWS, CLASSES, 1)
    assert sorted([*train["row"], *test["row"]]) == list(range(400))
    assert test["y"].value_counts(sort=True)["count"].to_list() == [97, 3]


def test_a_seed_names_a_split():
    first, again, other = (parted(ROWS, CLASSES, seed)[1]["row"].to_list() for seed in (1, 1, 2))
    assert first == again != other


def test_a_regression_target_has_all_its_heights_on_both_sides():
    rows = pl.DataFrame({"y": [float(value) for value in range(400)]})
    _, test = parted(rows, Dataset("made", "none", "none", "y", "regression"), 1)
    assert [test.filter(pl.col("y") // 40 == tenth).height for tenth in range(10)] == pytest.approx([10] * 10, abs=1)


def test_systems_take_turns_on_a_split_and_a_short_run_has_whole_splits():
    cells = plan(["a", "b"], [1, 2], ["x", "y", "z"])
    assert [str(each) for each in cells[:6]] == ["a/1/y", "a/1/z", "a/1/x", "b/1/z", "b/1/x", "b/1/y"]
    assert {each.seed for each in cells[:6]} == {1}


def test_no_reported_data_are_tuned_on():
    def origin(each: Dataset) -> tuple[str, str]:
        return each.package, each.item

    assert not {origin(each) for each in REPORTED} & {origin(each) for each in DEVELOPMENT}
    names = [each.name for each in (*REPORTED, *DEVELOPMENT)]
    assert len(set(names)) == len(names)
