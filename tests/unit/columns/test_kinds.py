"""What each kind of column says of itself."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from evergreen.columns import CATEGORIES, KINDS, NUMBERS, kind_named, kind_of, kind_written
from evergreen.table import TIME

MINUTE_PAST = datetime(2024, 1, 1, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("dtype", "name", "section", "comparison"),
    [
        (pl.Boolean(), "bool", "numeric", CATEGORIES),
        (pl.Int8(), "int", "numeric", NUMBERS),
        (pl.UInt64(), "int", "numeric", NUMBERS),
        (pl.Float32(), "float", "numeric", NUMBERS),
        (pl.Decimal(10, 2), "float", "numeric", NUMBERS),
        (pl.Null(), "float", "numeric", NUMBERS),
        (pl.String(), "string", "categorical", CATEGORIES),
        (pl.Categorical(), "string", "categorical", CATEGORIES),
        (pl.Datetime("ns"), "datetime", "calendar", None),
        (pl.Date(), "datetime", "calendar", None),
    ],
)
def test_a_type_is_of_one_kind(dtype: pl.DataType, name: str, section: str, comparison: object) -> None:
    kind = kind_of(dtype)
    assert kind is kind_named(name)
    assert (kind.section, kind.comparison) == (section, comparison)


@pytest.mark.parametrize(
    "dtype", [pl.List(pl.Int64), pl.Struct({"a": pl.Int64}), pl.Binary(), pl.Time(), pl.Duration()]
)
def test_no_feature_is_made_of_what_is_of_no_kind(dtype: pl.DataType) -> None:
    assert kind_of(dtype) is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Int64", "int"), ("UInt8", "int"), ("Float32", "float"), ("Decimal(precision=10, scale=2)", "float"),
        ("Boolean", "bool"), ("String", "string"), ("Date", "date"), ("List(Int64)", "string"), ("Null", "string"),
        ("Datetime(time_unit='us', time_zone='UTC')", "datetime"),
    ],
)  # fmt: skip
def test_a_manifest_s_type_is_of_a_kind_whatever_it_is(written: str, name: str) -> None:
    assert kind_written(written) is kind_named(name)


@pytest.mark.parametrize("name", KINDS)
def test_a_sample_is_of_its_kind_and_is_read_back_from_json(name: str) -> None:
    kind = kind_named(name)
    assert pl.Series([kind.sample], dtype=kind.dtype).to_list() == [kind.sample]
    written = kind.sample.isoformat() if isinstance(kind.sample, date) else kind.sample
    assert kind.read(written) == kind.sample
    assert kind.json_schema(nullable=True)["type"] == [kind.json_schema(nullable=False)["type"], "null"]


@pytest.mark.parametrize(
    ("name", "values", "by", "raised"),
    [
        ("int", pl.Series([1, 2]), 2.0, pl.Series([3, 4])),
        ("int", pl.Series([1, 2]), 0.5, pl.Series([1.5, 2.5])),
        ("float", pl.Series([1.0]), 0.5, pl.Series([1.5])),
        (
            "datetime",
            pl.Series([date(2024, 1, 1)]),
            60.0,
            pl.Series([datetime(2024, 1, 1, 0, 1, tzinfo=UTC)], dtype=TIME),
        ),
    ],
)
def test_what_can_be_raised_is_raised_in_its_own_unit(
    name: str, values: pl.Series, by: float, raised: pl.Series
) -> None:
    expression = kind_named(name).raised(pl.col("x"), by)
    assert expression is not None
    found = values.alias("x").to_frame().select(expression).to_series()
    assert found.to_list() == raised.to_list()
    assert found.dtype == raised.dtype


@pytest.mark.parametrize("name", ["bool", "string"])
def test_what_has_no_more_or_less_can_not_be_raised(name: str) -> None:
    assert kind_named(name).raised(pl.col("x"), 1.0) is None


def test_any_number_stands_in_for_a_number_and_nothing_else_for_anything_else() -> None:
    takes = {(one.name, other.name) for one in KINDS.values() for other in KINDS.values() if one.takes(other)}
    assert takes == {(name, name) for name in KINDS} | {("int", "float"), ("float", "int")}


def test_categories_take_a_distance_that_categories_have() -> None:
    assert CATEGORIES.method("wasserstein") == "jensenshannon"
    assert NUMBERS.method("wasserstein") == "wasserstein"
    assert CATEGORIES.method("psi") == "psi"
