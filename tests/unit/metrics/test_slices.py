"""Rows taken apart."""

from __future__ import annotations

import polars as pl

from evergreen.metrics.slices import slices


def test_large_values_come_first_and_small_ones_are_counted() -> None:
    values = pl.Series(["a"] * 3 + ["b"] * 5 + [None] * 4 + ["c"])
    found, small = slices(values, least=3)
    assert [(name, rows.tolist()) for name, rows in found] == [
        ("b", [3, 4, 5, 6, 7]),
        ("missing", [8, 9, 10, 11]),
        ("a", [0, 1, 2]),
    ]
    assert small == 1
