"""The one place that reads our Parquet files: whole, by column, lazily, or checked by hash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path

import polars as pl

from evergreen.hashing import check_file


def read_rows(file: Path | BytesIO, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """The rows of a file; all columns, or those named."""
    return pl.read_parquet(file, columns=None if columns is None else list(columns))


def read_checked(path: Path, sha256: str) -> pl.DataFrame:
    """The rows of a file that was written under this hash. Raises FileChanged where it is gone or another one."""
    check_file(path, sha256)
    return read_rows(path)


def schema_of(path: Path) -> pl.Schema:
    """A file's columns and types, without its rows."""
    return pl.Schema(pl.read_parquet_schema(path))


def scan_parts(paths: Iterable[Path]) -> pl.LazyFrame:
    """The rows of several files, one after another. Columns that only some have are null in the others.

    Without files, a frame without columns.
    """
    frames = [pl.scan_parquet(path) for path in paths]
    return pl.concat(frames, how="diagonal_relaxed") if frames else pl.LazyFrame()


def scan_columns(paths: Sequence[Path], schema: pl.Schema) -> pl.LazyFrame:
    """The columns in `schema`, which every file has with that type; without files, no rows."""
    if not paths:
        return pl.LazyFrame(schema=schema)
    return pl.scan_parquet(list(paths), schema=schema, extra_columns="ignore").select(schema.names())


def count_rows(paths: Iterable[Path]) -> int:
    """How many rows the files have, from their footers."""
    return sum(int(pl.scan_parquet(path).select(pl.len()).collect().item()) for path in paths)
