"""A file of rows, told by its name: CSV, TSV, JSON, NDJSON or Parquet, each also with .gz."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path

import polars as pl

from evergreen.parquet import read_rows
from evergreen.tabular.column_names import tidied
from evergreen.tabular.errors import UnreadableRows
from evergreen.tabular.read_json import json_rows, ndjson_rows
from evergreen.tabular.read_text import separated_rows

_KINDS: dict[str, Callable[[bytes], pl.DataFrame]] = {}
ALLOWED = ".csv, .tsv, .txt, .json, .ndjson, .jsonl, .parquet or .pq, each also with .gz"


def read_file(path: Path) -> pl.DataFrame:
    """The rows of a file under names of their own, records within records spread over columns (`address.city`).

    CSV and TSV come as text throughout; the other kinds with their own types. Raises UnreadableRows.
    """
    name = path.name.lower()
    kind = name.removesuffix(".gz").rpartition(".")[2]
    if kind not in _KINDS:
        raise UnreadableRows(
            f"{path}: of no known kind; the name has to end in {ALLOWED}. Save the table as one of them."
        )
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableRows(f"{path}: there is no such file; give the path of a file with rows") from None
    except OSError as error:
        raise UnreadableRows(f"{path}: can't be read ({error.strerror}); give the path of a file with rows") from None
    try:
        frame = _KINDS[kind](gzip.decompress(content) if name.endswith(".gz") else content)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError, pl.exceptions.PolarsError):
        raise UnreadableRows(
            f"{path}: is no {kind.upper()} file as its name says, or damaged or cut off; open it in another program, "
            "and save it again"
        ) from None
    frame = _flat(frame)
    if frame.width == 0 or frame.height == 0:
        raise UnreadableRows(f"{path}: holds no rows; give a file with a line of names and a line a row")
    return frame.rename(dict(zip(frame.columns, tidied(frame.columns), strict=True)))


def _parquet(content: bytes) -> pl.DataFrame:
    return read_rows(io.BytesIO(content))


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Records within records as columns, at most three deep."""
    for _ in range(3):
        nested = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Struct)]
        for name in nested:
            inner = frame[name].struct.unnest()
            inner = inner.rename({field: f"{name}.{field}" for field in inner.columns})
            taken = [column for column in inner.columns if column in frame.columns]
            frame = frame.drop(name).hstack(inner.drop(taken))
    return frame


_KINDS |= {"csv": separated_rows, "tsv": separated_rows, "txt": separated_rows, "tab": separated_rows}
_KINDS |= {"json": json_rows, "ndjson": ndjson_rows, "jsonl": ndjson_rows, "parquet": _parquet, "pq": _parquet}
