"""Line by line through files that hold broken lines: what is good is read, what is not is named by its line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

import polars as pl

_MOST_JOINED = 100
"""A quoted CSV value may run over this many lines; a quote left open longer is a broken line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A good line of a CSV file; an empty field is None."""

    number: int
    values: list[str | None]


@dataclass(frozen=True, slots=True)
class JsonLine:
    """A good line of an NDJSON file."""

    number: int
    record: dict[str, Any]


class BadHeader(ValueError):
    """A CSV file's first line does not name its columns once each."""


def csv_table(content: bytes) -> pl.DataFrame:
    """A whole CSV file with every column as text, empty fields as null. Raises ValueError where any line is broken."""
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    if not content.strip():
        return pl.DataFrame()
    names = _header(content.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0])
    # An open quote swallows all the lines after it into one value: leave such a file to the careful way.
    if content.count(b'"') % 2:
        raise ValueError("an open quote")
    table = arrow_csv.read_csv(
        io.BytesIO(content),
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=max(1 << 20, min(len(content) + 1, 1 << 30))),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=b'"' in content),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    return pl.DataFrame(table)


def csv_lines(content: bytes) -> tuple[list[str], list[Line], list[tuple[int, str]]]:
    """A CSV file's column names, its good lines and its broken ones. Raises BadHeader."""
    raw = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    names = _header(raw[0])
    good: list[Line] = []
    broken: list[tuple[int, str]] = []
    at = 1
    while at < len(raw):
        if not raw[at].strip():
            at += 1
            continue
        values, used, reason = _record(raw, at, len(names))
        if reason:
            broken.append((at + 1, reason))
        else:
            good.append(Line(at + 1, [value or None for value in values]))
        at += used
    return names, good, broken


def _header(line: bytes) -> list[str]:
    try:
        names = next(csv.reader([line.decode().rstrip("\r")]))
    except (UnicodeDecodeError, StopIteration, csv.Error):
        raise BadHeader("its first line does not name the columns") from None
    if len(set(names)) < len(names) or not all(names):
        raise BadHeader("its first line has to give each column a name of its own")
    return names


def _record(raw: list[bytes], at: int, fields: int) -> tuple[list[str], int, str]:
    """The record that begins at line `at`: its values, how many lines it takes, why it is broken (empty: it isn't)."""
    lines: list[bytes] = []
    for line in raw[at : at + _MOST_JOINED]:
        lines.append(line)
        if b"\n".join(lines).count(b'"') % 2 == 0:
            break
    else:
        return [], 1, "a quote is opened and not closed"
    try:
        text = b"\n".join(lines).decode().rstrip("\r")
    except UnicodeDecodeError:
        return [], 1, "is not UTF-8"
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return [], 1, "has quotes that are not closed or not at a field's ends"
    values = found[0] if len(found) == 1 else []
    if len(values) != fields:
        return [], 1, f"has {len(values)} fields where the header has {fields}"
    return values, len(lines), ""


def json_lines(content: bytes) -> tuple[list[JsonLine], list[tuple[int, str]]]:
    """An NDJSON file's good lines and its broken ones."""
    good: list[JsonLine] = []
    broken: list[tuple[int, str]] = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            broken.append((number, "is not JSON"))
            continue
        if isinstance(record, dict):
            good.append(JsonLine(number, record))
        else:
            broken.append((number, "is not a JSON object"))
    return good, broken
