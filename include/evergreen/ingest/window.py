"""How far a source has been read, and from where the next batch reads on: the cursor `{"by": newest value}`.

Times are kept as ISO text in UTC, numbers as they are.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from evergreen.artifacts import JsonObject
from evergreen.errors import PermanentError
from evergreen.spec.sources import Incremental

Moment = datetime | int | float


def low_end(cursor: JsonObject | None, incremental: Incremental, where: str) -> Moment | None:
    """From which `by` on rows are to be read, the lookback included; None: from the beginning.

    Raises PermanentError for a cursor that is none, or a lookback in time on a number.
    """
    last = (cursor or {}).get("by")
    if last is None:
        return None
    if isinstance(last, int | float):
        if incremental.lookback:
            raise PermanentError(
                f"{where}: `{incremental.by}` is a number, and a lookback is a time. Take `lookback` out, or read by a "
                "time"
            )
        return last
    try:
        moment = parse_moment(str(last))
    except ValueError:
        raise PermanentError(
            f"{where}: the cursor is not one of this source. Was its type changed? Give it a new name"
        ) from None
    return moment - incremental.lookback if incremental.lookback else moment


def parse_moment(text: str) -> datetime:
    """An ISO time as UTC; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """A moment as ISO text in UTC, with microseconds only where there are any."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat() + "Z"


class Newest:
    """Remembers the newest `by` of all frames seen, starting from the cursor before."""

    def __init__(self, cursor: JsonObject | None) -> None:
        self._value: Moment | None = None
        last = (cursor or {}).get("by")
        if last is not None:
            self._value = parse_moment(last) if isinstance(last, str) else last

    def see(self, column: pl.Series) -> None:
        """Take a frame's `by` column into account: times, dates or numbers."""
        found = column.max()
        if found is None:
            return
        if isinstance(found, date) and not isinstance(found, datetime):
            found = datetime(found.year, found.month, found.day, tzinfo=UTC)
        if isinstance(found, Decimal):
            found = float(found)
        if isinstance(found, datetime | int | float) and (self._value is None or found > self._value):  # type: ignore[operator]
            self._value = found

    @property
    def cursor(self) -> JsonObject:
        """The cursor after; empty while no row was ever seen."""
        if self._value is None:
            return {}
        return {"by": iso(self._value) if isinstance(self._value, datetime) else self._value}
