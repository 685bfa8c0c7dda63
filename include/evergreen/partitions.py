"""The table's files: partitions, one a day or bucket, whose bytes depend on their rows alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from evergreen import hashing
from evergreen.parquet import read_rows, schema_of
from evergreen.table import KEY

PARTITION, REASONS = "partition", "_reasons"
"""The column that names a row's partition, outside the files; and the one, in quarantine files, of why a row failed."""
_ROWS_A_GROUP = 262_144


def write_rows(rows: pl.DataFrame, path: Path) -> None:
    """Write rows as Parquet; equal rows in equal order give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.rechunk().write_parquet(
        path, compression="zstd", compression_level=3, statistics=True, row_group_size=_ROWS_A_GROUP
    )


def read_keyed(path: Path, key: Sequence[str]) -> pl.DataFrame:
    """A partition's rows with their `_key`."""
    rows = read_rows(path)
    return rows.with_columns(hashing.key_texts(rows, key).alias(KEY))


def keys_in(files: Mapping[str, Path], key: Sequence[str]) -> pl.DataFrame:
    """`_key` and `partition` of all rows in partition files, given by tree path."""
    found = [pl.DataFrame(schema={KEY: pl.String, PARTITION: pl.String})]
    for tree_path, path in sorted(files.items()):
        rows = read_rows(path, key)
        found.append(
            rows.select(hashing.key_texts(rows, key).alias(KEY), pl.lit(partition_of(tree_path)).alias(PARTITION))
        )
    return pl.concat(found)


def partition_of(tree_path: str) -> str:
    """`table/day=2013-01-01.parquet` → `day=2013-01-01`."""
    return Path(tree_path).stem


def same_schema(rows: pl.DataFrame, path: Path, ignore: str = "") -> bool:
    """Whether the file's columns and types equal those of `rows`, in order."""
    schema = [(name, kind) for name, kind in schema_of(path).items() if name != ignore]
    return schema == list(rows.schema.items())


def same_rows(rows: pl.DataFrame, others: pl.DataFrame) -> bool:
    """Whether two partitions hold the same columns of the same types, and the same rows in the same order."""
    return list(rows.schema.items()) == list(others.schema.items()) and rows.equals(others)
