"""JSON files that hold one array of records (or a single record). Read item by item: no tree of the whole file.

An item that is no object is named by its number in the array. What is no JSON ends the file, since nobody can tell
where the next item begins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from evergreen.ingest.parsed import Broken, Parsed, Unreadable
from evergreen.ingest.records import records_frame

_SPACE = re.compile(r"[ \t\r\n]*")


def parse_json_array(content: bytes) -> Parsed:
    """The records of a JSON file; a record's line is its number. Raises Unreadable."""
    if not content.strip():
        return Parsed(pl.DataFrame(), [])
    numbers: list[int] = []
    broken: Broken = []
    return Parsed(records_frame(_good(_text(content), numbers, broken)), numbers, broken)


def _text(content: bytes) -> str:
    if json.detect_encoding(content) not in ("utf-8", "utf-8-sig"):
        raise Unreadable("is not UTF-8")
    # Wrong bytes stay recognisable, so that they break their own record only.
    return content.removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape")


def _good(text: str, numbers: list[int], broken: Broken) -> Iterator[dict[str, Any]]:
    for number, (item, utf8) in enumerate(_items(text), 1):
        if not utf8:
            broken.append((number, "is not UTF-8"))
        elif not isinstance(item, dict):
            broken.append((number, "is not a JSON object"))
        else:
            numbers.append(number)
            yield item


def _items(text: str) -> Iterator[tuple[Any, bool]]:
    """Each item of the array, or the one item there is without an array, and whether its bytes were UTF-8."""
    decode = json.JSONDecoder().raw_decode
    at, number = _skip(text, 0), 1
    array = text[at : at + 1] == "["
    if array:
        at = _skip(text, at + 1)
        if text[at : at + 1] == "]":
            return _end(text, at + 1, 0)
    while True:
        try:
            item, end = decode(text, at)
        except (ValueError, RecursionError):
            raise _not_json(number) from None
        yield item, text.isascii() or not _surrogates(text[at:end])
        at = _skip(text, end)
        if not array:
            return _end(text, at, number)
        mark = text[at : at + 1]
        if mark == "]":
            return _end(text, at + 1, number)
        number += 1
        if mark != ",":
            raise _not_json(number)
        at = _skip(text, at + 1)


def _end(text: str, at: int, number: int) -> None:
    if _skip(text, at) != len(text):
        raise Unreadable(f"goes on after its {number} records: one array, or one record, is all a .json file may hold")


def _not_json(number: int) -> Unreadable:
    return Unreadable(f"is not JSON from its record {number} on, or cut off there")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
