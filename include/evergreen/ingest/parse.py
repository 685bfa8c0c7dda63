"""From a file's bytes to rows: fast for files that are in order, line by line for those that are not."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from .lines import BadHeader, Line, csv_lines, csv_table, json_lines
from .records import column_order, records_frame

Broken = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's rows, each row's line (None: not looked for yet), its broken lines with reasons."""

    frame: pl.DataFrame
    lines: list[int] | None = None
    broken: Broken = field(default_factory=list)
    untyped: bool = False
    """All columns are text and wait for a type (CSV)."""


Parse = Callable[[bytes], Parsed]


class Unreadable(ValueError):
    """A file as a whole can't be read; the text says why and goes behind the file's name."""


def parse(name: str, content: bytes) -> Parsed:
    """The rows of a file, the fast way where it is in order. Raises Unreadable."""
    import pyarrow as pa

    quick, careful = _parsers(name)
    raw = _unpacked(name, content)
    try:
        return quick(raw)
    except Unreadable:
        raise
    except (ValueError, pl.exceptions.PolarsError, pa.ArrowException):
        return careful(raw)


def parse_carefully(name: str, content: bytes) -> Parsed:
    """The rows of a file, each with its line. Raises Unreadable."""
    return _parsers(name)[1](_unpacked(name, content))


def _parsers(name: str) -> tuple[Parse, Parse]:
    kind = name.lower().removesuffix(".gz").rpartition(".")[2]
    if kind not in _KINDS:
        raise Unreadable(
            "is of no known kind: the name has to end in .csv, .ndjson, .jsonl, .json (each also with .gz) or .parquet"
        )
    return _KINDS[kind]


def _unpacked(name: str, content: bytes) -> bytes:
    if not name.lower().endswith(".gz"):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise Unreadable("is a damaged gzip archive, or cut off") from None


def _csv_fast(content: bytes) -> Parsed:
    return Parsed(csv_table(content), untyped=True)


def _csv_careful(content: bytes) -> Parsed:
    try:
        names, lines, broken = csv_lines(content)
    except BadHeader as error:
        raise Unreadable(str(error)) from None
    return Parsed(_text_frame(names, lines), [line.number for line in lines], broken, untyped=True)


def _text_frame(names: list[str], lines: list[Line]) -> pl.DataFrame:
    rows = [line.values for line in lines]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _ndjson_fast(content: bytes) -> Parsed:
    if not content.strip():
        return Parsed(pl.DataFrame(), [])
    frame = pl.read_ndjson(content, infer_schema_length=None)
    if any(kind.is_nested() or kind == pl.Int128 for kind in frame.dtypes):
        raise ValueError("nested values are kept as text, which the careful way does")
    first = json.loads(content.lstrip().split(b"\n", 1)[0])
    return Parsed(frame.select(column_order(list(first), frame.columns)))


def _ndjson_careful(content: bytes) -> Parsed:
    lines, broken = json_lines(content)
    return Parsed(records_frame([line.record for line in lines]), [line.number for line in lines], broken)


def _json(content: bytes) -> Parsed:
    if not content.strip():
        return Parsed(pl.DataFrame(), [])
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON, or cut off") from None
    items = found if isinstance(found, list) else [found]
    good = [(number, item) for number, item in enumerate(items, 1) if isinstance(item, dict)]
    broken = [(n, "is not a JSON object") for n, item in enumerate(items, 1) if not isinstance(item, dict)]
    return Parsed(records_frame([item for _, item in good]), [number for number, _ in good], broken)


def _parquet(content: bytes) -> Parsed:
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError):
        raise Unreadable("is not a Parquet file, or cut off") from None
    return Parsed(frame, list(range(1, frame.height + 1)))


_KINDS: dict[str, tuple[Parse, Parse]] = {
    "csv": (_csv_fast, _csv_careful),
    "ndjson": (_ndjson_fast, _ndjson_careful),
    "jsonl": (_ndjson_fast, _ndjson_careful),
    "json": (_json, _json),
    "parquet": (_parquet, _parquet),
}
