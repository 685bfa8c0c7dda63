"""What columns really are, and which are of no use."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest

from evergreen.features.schema import Column
from evergreen.tabular.columns import basic_types, typed, typed_for
from evergreen.tabular.errors import UnusableRows
from evergreen.tabular.guessed_types import Reading, reading_of
from evergreen.tabular.useless_columns import useless


@pytest.mark.parametrize(
    ("texts", "kind", "written"),
    [
        (["1", "2", "-3"], "int", None),
        (["1", "2.5", "n/a"], "float", None),
        (["1,200", "30"], "int", None),
        (["1,5", "2,25", "1.000,5"], "float", "1.234,5"),
        (["Yes", "no", "TRUE"], "bool", None),
        (["2024-01-31", "2023-12-01"], "datetime", "%Y-%m-%d"),
        (["2024-01-31 10:00", "2023-12-01 11:30"], "datetime", "%Y-%m-%d %H:%M"),
        (["2024-01-31T10:00:00Z", "2023-12-01T11:30:00.5+02:00"], "datetime", "%Y-%m-%dT%H:%M:%S%.f%#z"),
        (["1/2/2024", "12/31/2023"], "datetime", "%m/%d/%Y"),
        (["31/12/2023", "1/2/2024"], "datetime", "%d/%m/%Y"),
        (["1/2/24", "12/31/23"], "datetime", "%m/%d/%y"),
        (["24.12.2023", "1.1.2024"], "datetime", "%d.%m.%Y"),
        (["3 Jan 2024", "24 Dec 2023"], "datetime", "%d %B %Y"),
        (["January 3, 2024", "Dec 24, 2023"], "datetime", "%B %d, %Y"),
        (["20141013T000000", "20150102T000000"], "datetime", "%Y%m%dT%H%M%S"),
    ],
)
def test_columns_of_text_are_read_as_what_they_are(texts: list[str], kind: str, written: str | None) -> None:
    assert reading_of(pl.Series(texts)) == Reading(kind, written)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "texts",
    [
        ["red", "12"],
        ["01234", "99999"],
        ["1234567890123456789", "2234567890123456789"],
        ["", None],
        ["1-2", "3-4"],
        ["x"],
    ],
)
def test_text_stays_text(texts: list[str | None]) -> None:
    assert reading_of(pl.Series(texts, dtype=pl.String)) is None


def test_a_few_values_that_are_no_numbers_count_as_missing_and_are_said() -> None:
    rows = pl.DataFrame({"n": [*map(str, range(99)), "oops"], "f": [float("inf"), *[1.0] * 98, float("nan")]})
    found = typed(rows)
    assert found.rows["n"].null_count() == 1
    assert found.rows["f"].null_count() == 2
    assert found.notes == (
        "`n` is read as numbers; 1 of its values are none and count as missing",
        "`f`: 2 values that are infinite or no number count as missing",
    )
    assert typed(rows.with_columns(pl.lit("x").alias("n"))).rows["n"].to_list() == ["x"] * 100


def test_types_that_no_feature_is_made_from_become_some_that_are() -> None:
    rows = pl.DataFrame(
        {
            "money": [Decimal("1.50")],
            "clock": [time(6, 30)],
            "lasted": [timedelta(minutes=2)],
            "kind": pl.Series(["a"], dtype=pl.Categorical),
            "day": [date(2024, 1, 1)],
        }
    )
    assert basic_types(rows).row(0) == (1.5, 6.5, 120.0, "a", date(2024, 1, 1))


def test_columns_of_no_use_are_told_without_the_target() -> None:
    rows = pl.DataFrame(
        {
            "rownames": range(1, 101),
            "customer_id": [i * 7919 % 1000 for i in range(100)],
            "uuid": [f"{i:032x}" for i in range(100)],
            "same": ["x"] * 100,
            "empty": pl.Series([None] * 100, dtype=pl.Float64),
            "sometimes": [None, *[1] * 99],
            "year": range(1900, 2000),
            "value": [i % 13 for i in range(100)],
            "twin": [i % 13 for i in range(100)],
            "title": [f"Mr. Number {i}" for i in range(100)],
        }
    )
    assert useless(rows) == {
        "rownames": "only numbers the rows",
        "customer_id": "names the rows, each once",
        "uuid": "names the rows: nearly every value is there once",
        "same": "the same in every row",
        "empty": "empty",
        "twin": "the same as `value`",
    }
    assert useless(rows.select("value")) == {}


def test_a_first_column_that_counts_time_is_kept() -> None:
    assert useless(pl.DataFrame({"week": range(1, 51), "y": [i % 7 for i in range(50)]})) == {}


def test_rows_to_predict_are_read_as_the_training_rows_were() -> None:
    schema = (
        Column("n", "float", format="1.234,5"),
        Column("b", "bool"),
        Column("t", "datetime", format="%d.%m.%Y"),
        Column("code", "string"),
    )
    rows = pl.DataFrame(
        {"n": ["1,5", "?", "x"], "b": ["Yes", "N", ""], "t": ["2.1.2024"] * 3, "code": [" 007", "", "8"]}
    )
    found = typed_for(rows, schema)
    assert found.rows.to_dict(as_series=False) == {
        "n": [1.5, None, None],
        "b": [True, False, None],
        "t": [datetime(2024, 1, 2, tzinfo=UTC)] * 3,
        "code": ["007", None, "8"],
    }
    assert found.notes == ("`n`: 1 of 2 values are no float and count as missing",)


def test_times_in_another_format_than_in_training_are_read_by_their_own() -> None:
    schema = (Column("t", "datetime"),)
    found = typed_for(pl.DataFrame({"t": ["24.12.2023", "25.12.2023"]}), schema)
    assert found.rows["t"][0] == datetime(2023, 12, 24, tzinfo=UTC)


def test_a_column_of_another_nature_at_prediction_is_refused() -> None:
    with pytest.raises(UnusableRows, match=r"`n`: 3 of 3 values are no float.*correct the column"):
        typed_for(pl.DataFrame({"n": ["red", "green", "blue"]}), (Column("n", "float"),))
