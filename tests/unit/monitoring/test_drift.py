"""Drift on all rows: columns of every kind, missing values, too few rows, and what is refused."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evergreen.monitoring import ColumnDrift, MonitoringError
from evergreen.monitoring.binning import binned_shares, fill_zeroes
from evergreen.monitoring.comparable import comparable
from evergreen.monitoring.distances import psi
from evergreen.monitoring.drift import MIN_ROWS, column_drifts
from evergreen.spec.operation import Drift


def drift(reference: pl.Series, current: pl.Series, spec: Drift | None = None) -> ColumnDrift:
    both = comparable(reference.to_frame("x"), current.to_frame("x"), ["x"])
    return column_drifts(both, spec or Drift())[0]


def test_the_same_month_has_not_drifted_and_july_has(months: dict[int, pl.DataFrame]) -> None:
    january = months[1]["dep_delay"]
    again = drift(january, january)
    assert (again.value, again.drifted) == (0.0, False)
    assert drift(months[1]["dest"], months[7]["dest"]).drifted is True


@pytest.mark.parametrize("method", ["psi", "jensenshannon", "wasserstein"])
@pytest.mark.parametrize(
    "values",
    [pl.Series(["a"] * 300), pl.Series([7.0] * 300), pl.Series([True, False] * 150)],
    ids=["text", "number", "bool"],
)
def test_constant_and_boolean_columns_have_not_drifted_from_themselves(method: str, values: pl.Series) -> None:
    found = drift(values, values, Drift(method=method))
    assert (found.value, found.drifted) == (0.0, False)


def test_a_constant_column_that_changes_its_value_has_drifted() -> None:
    assert drift(pl.Series([1.0] * 200), pl.Series([2.0] * 200)).drifted is True
    assert drift(pl.Series(["a"] * 200), pl.Series(["b"] * 200)).drifted is True


def test_categories_are_compared_by_jensen_shannon_where_wasserstein_is_asked_for() -> None:
    found = drift(pl.Series(["a", "b"] * 100), pl.Series(["a"] * 200), Drift(method="wasserstein"))
    assert (found.method, found.drifted) == ("jensenshannon", True)


def test_a_column_that_has_lost_all_values_is_seen_by_its_missing_values() -> None:
    full = pl.Series(range(500), dtype=pl.Float64)
    empty = pl.Series([None] * 500, dtype=pl.Float64)
    found = drift(full, empty)
    assert (found.value, found.drifted) == (None, None)
    assert (found.missing_reference, found.missing_current, found.missing_drifted) == (0.0, 1.0, True)
    untyped = drift(full, pl.Series([None] * 500, dtype=pl.Null))
    assert (untyped.kind, untyped.missing_drifted) == ("numeric", True)
    both_empty = drift(empty, empty)
    assert (both_empty.drifted, both_empty.missing_drifted) == (None, False)


def test_nan_and_infinity_count_as_missing() -> None:
    broken = pl.Series([1.0, math.nan, math.inf, -math.inf] * 100)
    found = drift(pl.Series([1.0] * 400), broken)
    assert found.missing_current == 0.75
    assert (found.value, found.drifted, found.missing_drifted) == (0.0, False, True)


def test_a_few_missing_values_more_are_no_drift() -> None:
    full, some = pl.Series(["a"] * 1000), pl.Series(["a"] * 980 + [None] * 20)
    assert drift(full, some).missing_drifted is False


@pytest.mark.parametrize(("rows", "judged"), [(MIN_ROWS - 1, False), (MIN_ROWS, True)])
def test_too_few_values_are_not_judged(rows: int, *, judged: bool) -> None:
    found = drift(pl.Series(["a"] * 500), pl.Series(["b"] * rows))
    assert (found.value is not None) is judged
    assert found.drifted is (True if judged else None)
    reverse = drift(pl.Series(["b"] * rows), pl.Series([None] * 500, dtype=pl.String))
    assert reverse.missing_drifted is judged


def test_times_are_left_out_and_counted() -> None:
    rows = pl.DataFrame(
        {"at": [datetime(2013, 1, 1, tzinfo=UTC)], "n": [1], "day": [datetime(2013, 1, 1, tzinfo=UTC).date()]}
    )
    both = comparable(rows, rows, ["at", "n", "day"])
    assert (list(both.kinds), both.not_compared) == (["n"], ("at", "day"))


def test_a_missing_feature_is_an_error_that_names_it() -> None:
    rows = pl.DataFrame({"a": [1]})
    with pytest.raises(MonitoringError, match=r"current rows have no column `b`.*prepare"):
        comparable(rows.with_columns(b=1), rows, ["a", "b"])


def test_a_feature_that_changed_its_kind_is_an_error_without_values() -> None:
    with pytest.raises(MonitoringError, match="column `x` is Int64 in the reference rows and String") as error:
        drift(pl.Series([123456]), pl.Series(["secret"]))
    assert "secret" not in str(error.value)
    assert "123456" not in str(error.value)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=30, max_size=200),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200),
)
def test_bins_are_numpys_whatever_the_numbers(before: list[float], now: list[float]) -> None:
    reference, current = pl.Series(before, dtype=pl.Float64), pl.Series(now, dtype=pl.Float64)
    ours = binned_shares(reference, current)
    assert ours[0].sum() == pytest.approx(1)
    assert ours[1].sum() == pytest.approx(1)
    if len(set(before)) > 20:
        edges = np.histogram_bin_edges(np.array(before + now), bins="sturges")
        assert ours[0] == pytest.approx(np.histogram(before, edges)[0] / len(before))
        assert ours[1] == pytest.approx(np.histogram(now, edges)[0] / len(now))
    assert psi(reference, current) >= 0
    assert psi(reference, current) == pytest.approx(psi(current, reference)) or len(set(before)) > 20


def test_empty_bins_get_a_share_below_the_smallest() -> None:
    assert fill_zeroes(np.array([0.0, 1.0])).tolist() == [0.0001, 1.0]
    assert fill_zeroes(np.array([0.0, 0.00005, 0.99995]))[0] == pytest.approx(0.00005 / 10**6)
