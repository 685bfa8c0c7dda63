"""Hourly weather, read a page at a time in the order (observed_at, origin)."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sample_sources.data import OBSERVATION_COLUMNS, Row
from sample_sources.errors import BadRequestError
from sample_sources.times import iso, parse_time

DELAY = timedelta(hours=1)
"""An observation exists from this long after its hour."""

Key = tuple[datetime, str]
_AT = OBSERVATION_COLUMNS.index("observed_at")
_ORIGIN = OBSERVATION_COLUMNS.index("origin")


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader asks for: `observed_at` in [since, until), after the row `after`, at most `limit` rows."""

    since: datetime | None = None
    until: datetime | None = None
    after: Key | None = None
    limit: int = 500


class Observations:
    """All observations in memory, of which the clock shows a beginning."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take rows sorted by (observed_at, origin), in the order of OBSERVATION_COLUMNS."""
        self._rows = rows
        self._keys: list[Key] = [(row[_AT], row[_ORIGIN]) for row in rows]

    def page(self, query: Query, now: datetime) -> tuple[list[dict[str, Any]], str | None]:
        """The rows that exist at `now` and the cursor of the next page, None when there is no more for now."""
        start = bisect_left(self._keys, (query.since, "")) if query.since else 0
        if query.after:
            start = max(start, bisect_right(self._keys, query.after))
        # Every origin sorts before this, so an observation of exactly `now - DELAY` is in.
        end = bisect_right(self._keys, (now - DELAY, "\uffff"))
        if query.until:
            end = min(end, bisect_left(self._keys, (query.until, "")))
        stop = max(start, min(end, start + query.limit))
        rows = [_as_json(row) for row in self._rows[start:stop]]
        return rows, write_cursor(self._keys[stop - 1]) if start < stop < end else None


def write_cursor(key: Key) -> str:
    """Pack the last row's key, so that rows which appear between two pages neither shift nor repeat any."""
    return base64.urlsafe_b64encode(json.dumps([iso(key[0]), key[1]]).encode()).decode()


def read_cursor(text: str) -> Key:
    """Unpack `write_cursor`. Raises BadRequestError for anything else."""
    try:
        at, origin = json.loads(base64.urlsafe_b64decode(text.encode()))
        return parse_time(at, "cursor"), str(origin)
    except (binascii.Error, ValueError, TypeError, BadRequestError):
        raise BadRequestError("cursor is not one this API gave; send back `next` unchanged, or leave it out") from None


def _as_json(row: Row) -> dict[str, Any]:
    return {**dict(zip(OBSERVATION_COLUMNS, row, strict=True)), "observed_at": iso(row[_AT])}
