"""Rows as lines of text: what separates the values, how the text is encoded and whether the first line has names."""

from __future__ import annotations

import csv
import io
from itertools import islice

import polars as pl

from evergreen.tabular.column_names import tidied

_SEPARATORS = ",;\t|"
_LOOKED_AT = 50


def separated_rows(content: bytes) -> pl.DataFrame:
    """Every column as text, empty fields null. The separator is the one that cuts the first lines into the most fields
    of equal number. A first line of numbers is a row; columns without names get their place. One name less than there
    are fields means row names, as R writes them.
    """
    text = _decoded(content)
    if not text.strip():
        return pl.DataFrame()
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = next((row for row in reader if any(row)), [])
    used = reader.line_num
    following = [len(row) for row in islice(reader, _LOOKED_AT) if row]
    longer = 2 * following.count(len(header) + 1) > len(following)
    if header and all(_is_number(name) for name in header):
        names, used = [""] * len(header), used - 1
    elif longer:
        names = ["row_names", *header]
    else:
        names = header
    names = tidied(names)
    frame = pl.read_csv(
        io.BytesIO(text.encode()),
        separator=separator,
        has_header=False,
        skip_lines=used,
        schema=dict.fromkeys(names, pl.String),
        truncate_ragged_lines=True,
        extra_columns="ignore",
    )
    return frame if frame.width == 1 else frame.filter(~pl.all_horizontal(pl.all().is_null()))  # an empty line


def _decoded(content: bytes) -> str:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _separator(text: str) -> str:
    lines = "\n".join(text[:1_000_000].splitlines()[:_LOOKED_AT])
    best, most = ",", (0, 0)
    for separator in _SEPARATORS:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(lines), delimiter=separator) if row]
        except csv.Error:
            continue
        common = max(set(widths), key=widths.count)
        if common > 1 and (found := (round(10 * widths.count(common) / len(widths)), common)) > most:
            best, most = separator, found
    return best


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
