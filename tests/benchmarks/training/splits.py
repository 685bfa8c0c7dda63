"""The same rows for every system: `train.parquet`, `test.parquet` without the target, and the answers kept apart.

A row belongs to the test split by the hash of its place, the data set's name and the seed, so the split is the same on
every machine and with every version of any library. Within each class (and within tenths of a regression target) a
quarter is test.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from .datasets import Dataset, load

SHARE = 4  # one row in four is test


@dataclass(frozen=True)
class Split:
    """Where a data set's rows lie for one seed."""

    train: Path
    test: Path
    answers: Path
    """One column: the test rows' target, in their order."""


def split(dataset: Dataset, seed: int, folder: Path) -> Split:
    """The files of one data set and seed in `folder`, made where they are not there yet."""
    at = folder / dataset.name / str(seed)
    made = Split(at / "train.parquet", at / "test.parquet", at / "answers.parquet")
    if not made.answers.exists():  # written last
        at.mkdir(parents=True, exist_ok=True)
        train, test = parted(load(dataset), dataset, seed)
        _write(train, made.train)
        _write(test.drop(dataset.target), made.test)
        _write(test.select(dataset.target), made.answers)
    return made


def parted(frame: pl.DataFrame, dataset: Dataset, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Learning rows and test rows, each in an order that says nothing."""
    salt = f"{dataset.name}:{seed}:"
    order = [hashlib.sha256(f"{salt}{place}".encode()).hexdigest() for place in range(frame.height)]
    target = pl.col(dataset.target)
    stratum = target.rank("ordinal") * 10 // (frame.height + 1) if dataset.task == "regression" else target
    marked = (
        frame.with_columns(pl.Series("_order", order), stratum.alias("_stratum"))
        .sort("_order")
        .with_columns((pl.int_range(pl.len()).over("_stratum") % SHARE == 0).alias("_test"))
    )
    own = pl.exclude("_order", "_stratum", "_test")
    return marked.filter(~pl.col("_test")).select(own), marked.filter("_test").select(own)


def _write(frame: pl.DataFrame, path: Path) -> None:
    part = path.with_suffix(".part")
    frame.write_parquet(part)
    part.replace(path)
