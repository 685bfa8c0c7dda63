"""A fitted model as it is saved, loaded and asked."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from tests.unit.features.test_pipeline import ALL, first
from tests.unit.training.tables import churn, hashed, timed, timed_rows

from evergreen.features.errors import UntrustedModel, WrongColumns
from evergreen.features.fitting import fit
from evergreen.features.predictor import Predictor
from evergreen.features.schema import lost
from evergreen.training.candidates import CANDIDATES


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_saved_model_says_the_same(name: str, task: str, tmp_path: Path) -> None:
    rows = timed_rows(300, task=task)
    predictor = fit(timed(task), rows, CANDIDATES[name], first(name, task), 0)
    predictor.save(tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["model.skops", "schema.json"]
    loaded = Predictor.load(tmp_path / "model")
    assert loaded.predict(rows).equals(predictor.predict(rows))
    assert (loaded.schema, loaded.classes, loaded.texts) == (predictor.schema, predictor.classes, predictor.texts)


def test_one_row_says_the_same_as_many() -> None:
    rows = timed_rows(200)
    predictor = fit(timed(), rows, CANDIDATES["lightgbm"], first("lightgbm"), 0)
    assert pl.concat([predictor.predict(rows[i]) for i in range(20)]).equals(predictor.predict(rows[:20]))
    assert predictor.predict(rows[:0]).schema == predictor.predict(rows[:5]).schema


def test_the_schema_says_what_a_request_needs() -> None:
    predictor = fit(timed(), timed_rows(200), CANDIDATES["lightgbm"], first("lightgbm"), 0)
    said = {column.name: (column.type, column.nullable, column.required) for column in predictor.schema}
    assert said == {
        "at": ("datetime", False, True),
        "x": ("float", True, False),
        "z": ("float", False, True),
        "few": ("string", True, False),
        "many": ("string", False, True),
        "flag": ("bool", False, True),
    }


def test_a_missing_column_is_named_and_one_that_may_be_missing_is_not_needed() -> None:
    rows = timed_rows(200)
    predictor = fit(timed(), rows, CANDIDATES["lightgbm"], first("lightgbm"), 0)
    with pytest.raises(WrongColumns, match="needs the columns z, many"):
        predictor.predict(rows.drop("z", "many"))
    null = rows.with_columns(x=pl.lit(None, pl.Float64), few=pl.lit(None, pl.String))
    assert predictor.predict(rows.drop("x", "few")).equals(predictor.predict(null))


def test_columns_that_the_table_no_longer_has_are_told() -> None:
    rows = timed_rows(200)
    schema = fit(timed(), rows, CANDIDATES["lightgbm"], first("lightgbm"), 0).schema
    assert lost(schema, rows) == ()
    assert lost(schema, rows.drop("x", "many")) == ("x", "many")
    other = rows.with_columns(pl.col("z").cast(pl.String), pl.col("few").cast(pl.Categorical), pl.lit(None).alias("x"))
    assert lost(schema, other) == ("z",), "words are no numbers; categories are words, and nothing fits everything"
    assert lost(schema, rows.with_columns(pl.col("z").cast(pl.Int64))) == ()


def test_a_value_of_another_type_is_refused_without_being_quoted() -> None:
    rows = timed_rows(200)
    predictor = fit(timed(), rows, CANDIDATES["lightgbm"], first("lightgbm"), 0)
    with pytest.raises(WrongColumns, match="`z` has values that are no float") as caught:
        predictor.predict(rows.with_columns(z=pl.lit("secret")))
    assert "secret" not in str(caught.value)


def test_numbers_as_categories_mean_the_same_however_they_are_stored() -> None:
    rows = timed_rows(300).with_columns(code=pl.int_range(300) % 7)
    use_case = timed(more="features: {categorical: {columns: [code], encode: onehot}}")
    predictor = fit(use_case, rows, CANDIDATES["logistic_regression"], {"C": 1.0}, 0)
    assert predictor.predict(rows.with_columns(pl.col("code").cast(pl.Float64))).equals(predictor.predict(rows))


class Foreign:
    """A type that no model of ours has."""

    value = 1


def test_a_model_with_foreign_types_is_not_loaded(tmp_path: Path) -> None:
    from skops import io

    rows = timed_rows(100)
    predictor = fit(timed(), rows, CANDIDATES["logistic_regression"], {"C": 1.0}, 0)
    predictor.save(tmp_path)
    io.dump({"model": Foreign()}, tmp_path / "model.skops")
    with pytest.raises(UntrustedModel, match="Foreign"):
        Predictor.load(tmp_path)


def test_the_schema_file_is_readable(tmp_path: Path) -> None:
    predictor = fit(timed(), timed_rows(100), CANDIDATES["logistic_regression"], {"C": 1.0}, 0)
    predictor.save(tmp_path)
    said = json.loads((tmp_path / "schema.json").read_text())
    assert said["task"] == "binary"
    assert said["classes"] == [False, True]
    assert said["columns"][0] == {"name": "at", "type": "datetime", "nullable": False, "required": True}


def test_mlflow_flavour_takes_and_gives_pandas(tmp_path: Path) -> None:
    from evergreen.features import flavour

    rows = timed_rows(100)
    predictor = fit(timed(), rows, CANDIDATES["logistic_regression"], {"C": 1.0}, 0)
    predictor.save(tmp_path)
    said = flavour._load_pyfunc(str(tmp_path)).predict(rows.to_pandas())
    assert said["probability"].tolist() == predictor.predict(rows)["probability"].to_list()


def test_real_customers() -> None:
    rows = churn()[:2000]
    predictor = fit(hashed(), rows, CANDIDATES["lightgbm"], first("lightgbm"), 0)
    said = predictor.predict(churn()[2000:])
    assert set(said["prediction"].unique()) <= {"Yes", "No"}
    assert predictor.positive == "Yes"
