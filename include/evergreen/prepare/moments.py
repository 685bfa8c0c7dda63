"""When each base key is predicted for, up to when it may know the world, and in which file of the table it lies."""

from __future__ import annotations

import polars as pl

from evergreen import hashing
from evergreen.partitions import PARTITION
from evergreen.prepare.cutoff import cutoffs
from evergreen.prepare.state import ORDER, as_time, newest
from evergreen.spec import UseCase
from evergreen.table import AT, CUTOFF, KEY, TIME

BUCKETS = 64
UNDATED = "day=unknown"
"""The partition of rows whose event time is null."""


def moments(use_case: UseCase, base: pl.DataFrame) -> pl.DataFrame:
    """One row for each key of the base's versions: `_key`, `_at`, `_cutoff`, `partition` (e.g. `day=2013-01-01`).

    All three come from the key's newest version, whoever could know it: a correction that moves a row in time moves its
    cutoff and its partition with it. Its features are those visible at that cutoff, so a correction that came after it
    shows in when the row is predicted for, never in what it knows.
    """
    needed = [name for name in (use_case.event_time, use_case.at) if name is not None]
    last = newest(base.select(KEY, ORDER, *dict.fromkeys(needed)))
    at = as_time(last, use_case.at, "predict.at").alias(AT) if use_case.at else pl.lit(None, TIME).alias(AT)
    rows = last.select(KEY, at, partitions(use_case, last).alias(PARTITION))
    return rows.with_columns(cutoffs(use_case, rows[AT]).alias(CUTOFF)).select(KEY, AT, CUTOFF, PARTITION)


def partitions(use_case: UseCase, rows: pl.DataFrame) -> pl.Series:
    """The partition of each base row: the UTC day of its event time, else one of 64 buckets of its key's hash."""
    if use_case.event_time is None:
        names = [f"bucket={int(hashing.text_hash(key), 16) % BUCKETS:02d}" for key in rows[KEY].to_list()]
        return pl.Series(PARTITION, names, dtype=pl.String)
    time = as_time(rows, use_case.event_time, "event_time")
    return rows.select(time.dt.strftime("day=%Y-%m-%d").fill_null(UNDATED).alias(PARTITION)).to_series()
