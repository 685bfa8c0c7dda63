"""From a file's rows to a use case in memory; what is wrong with them is said in a sentence, with the next step."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from evergreen.evaluation.window import blocks_of
from evergreen.features.pipeline import input_columns
from evergreen.spec import UseCase, parse_use_case
from evergreen.table import AT, KEY, KNOWN_AT
from evergreen.tabular.errors import UnusableRows
from evergreen.tabular.target import as_learned
from evergreen.tabular.use_case import FileCase, FitOptions, file_case
from evergreen.tasks import MULTICLASS
from evergreen.training.split.folds import folds


def rows(target: list[Any] | pl.Series, **more: Any) -> pl.DataFrame:
    number = len(target)
    return pl.DataFrame(
        {"x": [i % 7 for i in range(number)], "word": [f"w{i % 3}" for i in range(number)], **more}
    ).with_columns(pl.Series("y", target, strict=False))


def case(target: list[Any] | pl.Series, task: str | None = None, **asked: Any) -> FileCase:
    return file_case(rows(target), FitOptions("y", task, **asked), name="Some file")


@pytest.mark.parametrize(
    ("target", "task", "kept"),
    [
        (["yes", "no"] * 20, "binary", pl.String),
        (["1", "0"] * 20, "binary", pl.Int64),
        ([1.0, 2.0] * 20, "binary", pl.Int64),
        ([0.5, 2.5] * 20, "binary", pl.String),
        ([True, False] * 20, "binary", pl.Boolean),
        (["Yes", "yes", "TRUE", "no"] * 10, "binary", pl.Boolean),
        (["a", "b", "c"] * 20, "multiclass", pl.String),
        ([0, 1, 2] * 20, "multiclass", pl.Int64),
        ([f"{i}.5" for i in range(60)], "regression", pl.Float64),
        (list(range(60)), "regression", pl.Int64),
        ([3, 7, 100] * 20, "regression", pl.Int64),
    ],
)
def test_the_task_is_what_the_target_suggests_and_says_why(target: list[Any], task: str, kept: pl.DataType) -> None:
    found = case(target)
    assert found.use_case.task == task
    assert found.rows["y"].dtype == kept
    assert "`y`" in found.why_task
    assert case(target, task).why_task == ""


def test_the_positive_class_is_the_one_that_says_yes_or_the_one_named() -> None:
    def positive(target: list[Any], named: str | None = None) -> object:
        return case(target, positive=named).use_case.target.positive

    assert positive(["yes", "zero"] * 20) == "yes"
    assert positive(["alive", "dead"] * 20) == "dead"
    assert positive(["alive", "dead"] * 20, "Alive") == "alive"
    assert positive([1, 2] * 20, "1") == 1
    with pytest.raises(UnusableRows, match="`y` is never `gone`; --positive takes one of alive, dead"):
        positive(["alive", "dead"] * 20, "gone")


def test_the_table_is_one_that_a_search_takes() -> None:
    found = case([1.5, None, 2.5, 4.0] * 15)
    assert found.use_case.name == "some_file"
    assert found.rows.columns[:3] == ["x", "word", "y"]
    assert found.rows[KEY].n_unique() == 45
    assert found.rows[KNOWN_AT].null_count() == 0


def test_a_target_with_one_class() -> None:
    with pytest.raises(UnusableRows, match=r"the same in all 40 rows.*at least two outcomes"):
        case(["yes"] * 40)


def test_a_target_with_missing_values_is_learned_from_where_it_is_known() -> None:
    found = case([1.5, None, float("nan"), float("inf"), 2.5, 4.0] * 20)
    assert found.rows.height == 60
    assert found.unlabelled == 60
    assert found.notes == ("40 rows whose target is infinite or no number are left out",)
    assert case(["a", "", "b", "N/A"] * 20).unlabelled == 40
    with pytest.raises(UnusableRows, match="the file has 20 rows with a target, and 30 are needed"):
        case(["a", "", "b", "N/A"] * 10)


def test_none_is_a_class_beside_other_words_and_missing_beside_anything_else() -> None:
    found = case(["none", "small", " none ", "big", "", "None"] * 20)
    assert found.use_case.task == "multiclass"
    assert (found.unlabelled, set(found.rows["y"])) == (40, {"none", "small", "big"})
    assert found.notes == ("`none` is taken as a class of `y`, not as a missing value",)
    assert set(as_learned(pl.DataFrame({"y": ["none", "big", "NA"]}), "y", MULTICLASS, ("big", "none", "small"))) == {
        "none", "big", None,
    }  # fmt: skip
    for others in (["1.5", "2.5", "none", "4"], ["yes", "no", "none", "no"]):
        assert case(others * 20).unlabelled == 20


def test_a_target_that_is_always_missing() -> None:
    with pytest.raises(UnusableRows, match="missing in all 40 rows"):
        case(pl.Series([None] * 40, dtype=pl.String))


def test_a_target_of_the_wrong_type() -> None:
    with pytest.raises(UnusableRows, match="is of type String, and a regression needs numbers"):
        case(["low", "high"] * 20, "regression")
    with pytest.raises(UnusableRows, match="has 3 values, and a binary task has two; say --task multiclass or"):
        case([1, 2, 3] * 20, "binary")
    with pytest.raises(UnusableRows, match=r"text with 300 different values.*too many to be classes"):
        case([f"case {i}" for i in range(300)])
    with pytest.raises(UnusableRows, match=r"each of the 60 values.*is there once.*say --task regression"):
        case(list(range(60)), "multiclass")


def test_a_target_that_is_not_there() -> None:
    with pytest.raises(UnusableRows, match=r"no column `yy` to predict; did you mean `y`\?"):
        file_case(rows([0, 1] * 20), FitOptions("yy"), name="f")


def test_all_features_constant() -> None:
    frame = pl.DataFrame({"a": ["x"] * 40, "b": [None] * 40, "id": range(40), "y": [0, 1] * 20})
    with pytest.raises(UnusableRows, match=r"no column is left to learn from.*Give a file with more columns"):
        file_case(frame, FitOptions("y"), name="f")


def test_a_column_can_be_dropped_and_one_that_looks_useless_kept() -> None:
    frame = rows([0, 1] * 20, id=range(40), deep=[[1]] * 40)
    found = file_case(frame, FitOptions("y"), name="f")
    assert found.dropped == {
        "id": "only numbers the rows",
        "deep": "of type List(Int64), from which no feature is made",
    }
    asked = file_case(frame, FitOptions("y", drop=("x",), keep=("id",)), name="f")
    assert set(asked.dropped) == {"x", "deep"}
    assert "id" in asked.rows.columns
    with pytest.raises(UnusableRows, match="no column `z`; its columns are `x`"):
        file_case(frame, FitOptions("y", drop=("z",)), name="f")
    with pytest.raises(UnusableRows, match="`y` is the target"):
        file_case(frame, FitOptions("y", drop=("y",)), name="f")


def test_rows_that_lie_in_time_are_split_by_it() -> None:
    frame = rows([0, 1] * 20, day=[f"2024-01-{1 + i % 28:02d}" for i in range(40)])
    found = file_case(frame, FitOptions("y", time="day"), name="f")
    assert found.use_case.split_by == "time"
    assert found.rows[AT].equals(found.rows["day"].alias(AT))
    with pytest.raises(UnusableRows, match="--time `x` is no column of times but of Int64"):
        file_case(frame, FitOptions("y", time="x"), name="f")
    with pytest.raises(UnusableRows, match="--time `day` is missing in 1 rows"):
        file_case(frame.with_columns(day=pl.Series([None, *frame["day"][1:]])), FitOptions("y", time="day"), name="f")


def test_a_metric_of_another_task_is_named_with_those_that_fit() -> None:
    with pytest.raises(UnusableRows, match="--metric rmse does not fit a binary task; allowed are roc_auc"):
        case([0, 1] * 20, metric="rmse")


def test_what_a_use_case_says_holds() -> None:
    like = parse_use_case("""
name: toy
task: binary
key: [word]
target: {column: y}
sources: {rows: {type: files, path: "*.csv", key: [word]}}
features: {numeric: {columns: [x]}}
training: {metric: log_loss, candidates: [lightgbm], split: {folds: 5}}
""")
    found = file_case(rows([0, 1] * 20, same=["x"] * 40), FitOptions("y", "binary"), name="f", like=like)
    assert (found.use_case.name, found.use_case.metric) == ("toy", "log_loss")
    assert found.use_case.training.candidates == ("lightgbm",)
    assert found.use_case.training.split.folds == 5
    assert found.use_case.features == like.features
    assert found.dropped == {}


def like(training: str = "{}", key: str = "customer", target: str = "{column: y}", more: str = "") -> UseCase:
    return parse_use_case(f"""
name: toy
task: binary
key: [{key}]
target: {target}
sources: {{rows: {{type: files, path: "*.csv", key: [{key}]}}}}
training: {training}
{more}
""")


@pytest.mark.parametrize("key", ["customer", "x"])
@pytest.mark.parametrize("more", ["training", "promotion"])
def test_what_rows_are_kept_together_by_stays_in_the_table_though_nothing_is_learned_from_it(
    key: str, more: str
) -> None:
    """As the key says, or since each value but one is there once."""
    frame = rows([0, 1] * 20, customer=["c0", *[f"c{i // 2 if key == 'customer' else i}" for i in range(39)]])
    said = {"training": "{split: {group: customer}}", "promotion": "{split: {folds: 3}}"}[more]
    promotion = "promotion: {block: customer}" if more == "promotion" else ""
    found = file_case(frame, FitOptions("y", "binary"), name="f", like=like(said, key, more=promotion))
    assert "customer" in found.dropped
    assert found.rows["customer"].equals(frame["customer"])
    assert "customer" not in input_columns(found.use_case, dict(found.rows.schema))
    assert blocks_of(found.use_case, found.rows)[0] == "customer"
    if more == "training":
        assert len(folds(found.use_case, found.rows, 0)) == 3


def test_what_rows_are_kept_together_by_is_no_column_to_learn_from() -> None:
    frame = rows([0, 1] * 20, customer=[f"c{i // 2}" for i in range(40)]).drop("x", "word")
    with pytest.raises(UnusableRows, match="no column is left to learn from: `customer` is in the use case's key"):
        file_case(frame, FitOptions("y", "binary"), name="f", like=like("{split: {group: customer}}"))


def test_what_the_use_case_computes_the_target_of_is_left_out_of_the_file() -> None:
    frame, target = rows([0, 1] * 20, price=[50, 200] * 20), '{column: y, expression: "price > 100"}'
    assert file_case(frame, FitOptions("y"), name="f", like=like(target=target)).dropped == {
        "price": "the target is computed of it"
    }
    named = like(target=target, more="features: {numeric: {columns: [x, price]}}")
    with pytest.raises(UnusableRows, match="`features` of `toy` names `price`, which is known with the label only"):
        file_case(frame, FitOptions("y"), name="f", like=named)
