"""Text as numbers, truth values and times."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.training.tables import timed, timed_rows

from evergreen.features.errors import WrongColumns
from evergreen.features.fitting import fit
from evergreen.features.frames import to_pandas
from evergreen.features.reading import COMMA, PLAIN, numbers, times, truths
from evergreen.features.schema import Column
from evergreen.training.candidates import CANDIDATES


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0), (" -2.5 ", -2.5), ("1e3", 1000.0), ("1,234", 1234.0), ("1,234,567.5", 1234567.5),
        ("$1,200", 1200.0), ("12%", 12.0), ("€ 7", 7.0), ("N/A", None), ("", None), ("?", None), ("nan", None),
        ("1,23", None), ("0,123", None), ("a", None),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, value: float | None) -> None:
    assert numbers(pl.Series([text, "5"])).to_list() == [value, 5.0]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,5", 1.5), ("1.234,5", 1234.5), ("1.234.567", 1234567.0), ("-3", -3.0), ("1.5", None), ("x", None)],
)
def test_numbers_with_a_decimal_comma(text: str, value: float | None) -> None:
    assert numbers(pl.Series([text, "0,25"]), COMMA).to_list() == [value, 0.25]


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_every_number_is_read_back(values: list[float]) -> None:
    assert numbers(pl.Series([repr(value) for value in values]), PLAIN).to_list() == values


def test_truth_in_many_spellings() -> None:
    said = pl.Series(["Yes", "no", "TRUE", "f", "1", " Off ", "perhaps", None])
    assert truths(said).to_list() == [True, False, True, False, True, False, None, None]


def test_times_by_format_are_utc_unless_they_name_a_zone() -> None:
    said = pl.Series(["2024-01-02T03:04:05+02:00", "never"])
    assert times(said, "%Y-%m-%dT%H:%M:%S%.f%#z").to_list() == [datetime(2024, 1, 2, 1, 4, 5, tzinfo=UTC), None]
    assert times(pl.Series(["3/4/21"]), "%d/%m/%y").to_list() == [datetime(2021, 4, 3, tzinfo=UTC)]


def test_a_model_reads_text_as_its_columns_are_written() -> None:
    columns = (
        Column("n", "float", format=COMMA),
        Column("b", "bool"),
        Column("t", "datetime", format="%d.%m.%Y"),
    )
    rows = pl.DataFrame({"n": ["1,5", None], "b": ["yes", "?"], "t": ["24.12.2023", "-"]})
    frame = to_pandas(rows, columns, frozenset())
    assert frame["n"].tolist()[0] == 1.5
    assert frame["b"].tolist()[0] == 1.0
    assert frame["t"][0] == datetime(2023, 12, 24)  # noqa: DTZ001 - pipelines take times without a zone
    assert frame.isna().iloc[1].all()


def test_a_text_that_is_no_number_is_refused_without_being_quoted() -> None:
    rows = timed_rows(100)
    predictor = fit(timed(), rows, CANDIDATES["logistic_regression"], {"C": 1.0}, 0)
    as_text = rows.with_columns(pl.col("z").cast(pl.String), pl.col("flag").cast(pl.String))
    assert predictor.predict(as_text).equals(predictor.predict(rows))
    with pytest.raises(WrongColumns, match="`z` has values that are no float") as caught:
        predictor.predict(as_text.with_columns(z=pl.lit("secret")))
    assert "secret" not in str(caught.value)
