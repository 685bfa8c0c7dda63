"""Which rows are the current ones: the last window by data time."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from evergreen.spec import UseCase
from evergreen.table import AT, usable


def window_bounds(use_case: UseCase, as_of: datetime) -> tuple[datetime, datetime]:
    """The window that ends at `as_of`: after the first moment, up to and with the second."""
    return as_of - use_case.monitoring.window, as_of


def judged_bounds(use_case: UseCase, as_of: datetime) -> tuple[datetime, datetime]:
    """The window whose predictions are judged at `as_of`: as long, and earlier by `mature_after`.

    Of later rows only those labels are there that come early, and these are of one kind more often than not.
    """
    start, end = window_bounds(use_case, as_of)
    wait = use_case.target.mature_after if use_case.at is not None else timedelta(0)
    return start - wait, end - wait


def in_window(use_case: UseCase, table: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """The usable table rows with `_at` in the window that ends at `as_of`. For use cases with time."""
    start, end = window_bounds(use_case, as_of)
    return usable(table).filter((pl.col(AT) > start) & (pl.col(AT) <= end))
