"""From a file's bytes to rows: fast for files that are in order, line by line for those that are not."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

import polars as pl

from evergreen.ingest.json_array import parse_json_array
from evergreen.ingest.lines import BadHeader, Line, csv_lines, csv_table, json_lines
from evergreen.ingest.parquet import parse_parquet
from evergreen.ingest.parsed import Parsed, Unreadable
from evergreen.ingest.records import column_order, records_frame
from evergreen.ingest.xml import parse_xml

Parse = Callable[[bytes], Parsed]


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
            "is of no known kind: the name has to end in .csv, .ndjson, .jsonl, .json, .xml (each also with .gz) or "
            ".parquet"
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


_KINDS: dict[str, tuple[Parse, Parse]] = {
    "csv": (_csv_fast, _csv_careful),
    "ndjson": (_ndjson_fast, _ndjson_careful),
    "jsonl": (_ndjson_fast, _ndjson_careful),
    "json": (parse_json_array, parse_json_array),
    "xml": (parse_xml, parse_xml),
    "parquet": (parse_parquet, parse_parquet),
}
