"""Rows as JSON: a list of objects, an object a line, or an object of columns."""

from __future__ import annotations

import io
import json
from typing import Any

import polars as pl


def ndjson_rows(content: bytes) -> pl.DataFrame:
    """An object a line. Raises ValueError or PolarsError where a line is none."""
    if not content.strip():
        return pl.DataFrame()
    try:
        return pl.read_ndjson(io.BytesIO(content), infer_schema_length=None)
    except pl.exceptions.PolarsError:
        lines = content.decode("utf-8-sig").splitlines()
        return _frame([json.loads(line) for line in lines if line.strip()])


def json_rows(content: bytes) -> pl.DataFrame:
    """A list of objects; an object with such a list in it (`{"data": […]}`); an object of columns, each a list or, as
    pandas writes it, an object by row; or names and rows apart (`{"columns": […], "data": [[…]]}`). Raises ValueError.
    """
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        return ndjson_rows(content)  # many a `.json` has an object a line
    if isinstance(found, list):
        return _frame(found)
    if not isinstance(found, dict):
        raise ValueError("neither a list nor an object")  # noqa: TRY004 - one kind of error for whatever is wrong inside
    if isinstance(found.get("columns"), list) and isinstance(found.get("data"), list):
        return _frame([dict(zip(found["columns"], row, strict=True)) for row in found["data"]])
    lists = [value for value in found.values() if isinstance(value, list)]
    records = [value for value in lists if value and all(isinstance(item, dict) for item in value)]
    if len(records) == 1:
        return _frame(records[0])
    if found and len(lists) == len(found):
        return pl.DataFrame(found, strict=False, infer_schema_length=None)
    if found and all(isinstance(value, dict) for value in found.values()):
        columns = {name: list(value.values()) for name, value in found.items()}
        return pl.DataFrame(columns, strict=False, infer_schema_length=None)
    return _frame([found])


def _frame(records: list[Any]) -> pl.DataFrame:
    if not all(isinstance(record, dict) for record in records):
        raise ValueError("an item is no object")
    return pl.from_dicts(records, strict=False, infer_schema_length=None) if records else pl.DataFrame()
