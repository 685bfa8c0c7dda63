"""Hashes that stay the same: of files, and of rows whatever their column order and machine.

Polars' own `hash` may change between its versions, so rows are hashed from a canonical text instead: the columns sorted
by name, nulls left out (a new empty column changes no hash), times as microseconds since 1970, floats by their shortest
exact writing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from evergreen.errors import PermanentError

_FIELD, _VALUE = "\x1f", "\x1e"


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class FileChanged(PermanentError):
    """A file is gone, or no longer holds the bytes that were written."""


def check_file(path: Path, sha256: str) -> None:
    """Raise FileChanged unless the file is there with this hash."""
    if not path.exists() or file_sha256(path) != sha256:
        raise FileChanged(f"`{path.name}` of the training is missing or has changed. Start the training again.")


def folder_sha256(folder: Path) -> str:
    """Hex SHA-256 of a folder: every file's relative path and bytes, in order of path."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(f"{path.relative_to(folder).as_posix()}\0{file_sha256(path)}\n".encode())
    return total.hexdigest()


def text_hash(text: str) -> str:
    """32 hex digits (BLAKE2b, 128 bits) of a text."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def row_hashes(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """One `text_hash` a row over `columns` (any order), as a string Series of the frame's height."""
    if not columns:
        return pl.Series("hash", [text_hash("")] * frame.height, dtype=pl.String)
    parts = [
        pl.when(pl.col(name).is_null())
        .then(pl.lit(""))
        .otherwise(pl.concat_str(pl.lit(f"{name}{_VALUE}"), canonical(name, frame.schema[name]), pl.lit(_FIELD)))
        for name in sorted(columns)
    ]
    texts = frame.select(pl.concat_str(parts)).to_series()
    return pl.Series("hash", [text_hash(text) for text in texts.to_list()], dtype=pl.String)


def key_texts(frame: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """The key's values, in the key's order, as one readable text a row; equal keys give equal texts, others never.

    Several values have a `|` between them; within one, it and a backslash get a backslash before them.
    """
    parts = [_key_part(name, frame.schema[name], alone=len(key) == 1) for name in key]
    return frame.select(pl.concat_str(parts, separator="|").alias("key")).to_series()


def _key_part(name: str, dtype: pl.DataType, *, alone: bool) -> pl.Expr:
    text = canonical(name, dtype).fill_null("∅")
    if alone or dtype.is_numeric() or dtype.is_temporal() or dtype == pl.Boolean:
        return text
    return text.str.replace_all("\\", r"\\", literal=True).str.replace_all("|", r"\|", literal=True)


def canonical(name: str, dtype: pl.DataType) -> pl.Expr:
    """The column's values as text in a form that does not depend on how they are stored."""
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        return column.dt.epoch("us").cast(pl.String)
    if dtype == pl.Date:
        return column.dt.strftime("%Y-%m-%d")
    if dtype.is_float():
        # whole floats and ints of the same value hash alike: a source may change its mind about the type
        whole = column.is_finite() & (column == column.round(0)) & (column.abs() < 2**53)
        as_float = column.cast(pl.Float64)
        return (
            pl.when(whole)
            .then(as_float.fill_nan(0.0).clip(-(2.0**53), 2.0**53).cast(pl.Int64).cast(pl.String))
            .otherwise(as_float.cast(pl.String))
        )
    if isinstance(dtype, pl.List | pl.Struct | pl.Array):
        return pl.struct(name).struct.json_encode()
    return column.cast(pl.String)
