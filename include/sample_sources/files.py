"""The file drops: a CSV of schedules the evening before each day, gzipped NDJSON of departures an evening after it.

Files are named by their period: flights by New York's day. They appear whole (written aside, synced, renamed), keep
their bytes for ever, and hold only what was known when they were published: no flight in the data set leaves or lands
after its departures file.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from sample_sources.errors import LandingConflictError
from sample_sources.times import LAST_DAY, days_until, evening, iso

_ISO = "%Y-%m-%dT%H:%M:%SZ"
_UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True)
class Drop:
    """One kind of file: its folder and suffix, the periods that have one, when each is out, its bytes and its name."""

    folder: str
    suffix: str
    periods: Sequence[date]
    """First days of the periods (days, months), in order."""
    published_at: Callable[[date], datetime]
    render: Callable[[pl.DataFrame, datetime], bytes]
    stem: Callable[[date], str] = str

    def out(self, now: datetime) -> list[date]:
        """The periods whose files are out at `now`."""
        return [period for period in self.periods if self.published_at(period) <= now]

    def path(self, landing: Path, period: date) -> Path:
        """Where the file of a period lies."""
        return landing / self.folder / f"{self.stem(period)}{self.suffix}"


def schedules_csv(flights: pl.DataFrame, published_at: datetime) -> bytes:
    """One day's flights as known the evening before; a missing tail number is an empty field."""
    rows = flights.select(
        "flight_id",
        pl.lit(iso(published_at)).alias("published_at"),
        pl.col("scheduled_at").dt.strftime(_ISO),
        "carrier",
        "flight",
        "tail_number",
        "origin",
        "dest",
        "distance",
        pl.col("scheduled_arrival").dt.strftime(_ISO),
    )
    return rows.write_csv().encode()


def departures_ndjson(flights: pl.DataFrame, published_at: datetime) -> bytes:
    """One day's departures as reported an evening later; cancelled flights are not in it. Delays are in minutes."""
    left = flights.filter(pl.col("dep_delay").is_not_null())
    rows = left.select(
        "flight_id",
        pl.lit(iso(published_at)).alias("reported_at"),
        (pl.col("scheduled_at") + pl.duration(minutes="dep_delay")).dt.strftime(_ISO).alias("dep_time"),
        "dep_delay",
        "arr_delay",
    )
    # No time in the gzip header: the same rows are the same bytes.
    return gzip.compress(rows.write_ndjson().encode(), compresslevel=6, mtime=0)


def _evening_before(day: date) -> datetime:
    return evening(day - timedelta(days=1))


def _evening_after(day: date) -> datetime:
    return evening(day + timedelta(days=1))


_DAYS = tuple(days_until(LAST_DAY))
DROPS = (
    Drop("schedules", ".csv", _DAYS, _evening_before, schedules_csv),
    Drop("departures", ".ndjson.gz", _DAYS, _evening_after, departures_ndjson),
)


def write_missing(
    landing: Path, frames: Mapping[date, pl.DataFrame], now: datetime, drops: Sequence[Drop] = DROPS
) -> list[Path]:
    """Write every file that is out at `now` and not there yet, from the frames of its period; return the new paths.

    Raises LandingConflictError when the folder already holds files of after `now`.
    """
    written = []
    for drop in drops:
        folder = landing / drop.folder
        folder.mkdir(parents=True, exist_ok=True)
        out = drop.out(now)
        _check_not_ahead(folder, {drop.path(landing, period).name for period in out}, drop, now)
        for leftover in folder.glob(f".*{_UNFINISHED}"):
            leftover.unlink(missing_ok=True)
        for period in out:
            path = drop.path(landing, period)
            if not path.exists():
                _write_whole(path, drop.render(frames[period], drop.published_at(period)))
                written.append(path)
    _sync_folders({path.parent for path in written})
    return written


def _check_not_ahead(folder: Path, out: set[str], drop: Drop, now: datetime) -> None:
    """Refuse a folder with files the clock does not know yet: it was filled by another clock."""
    known = {drop.path(folder, period).name for period in drop.periods}
    ahead = sorted(path.name for path in folder.glob(f"*{drop.suffix}") if path.name in known - out)
    if ahead:
        raise LandingConflictError(
            f"{folder} holds {len(ahead)} files of after the clock's {iso(now)}, the first {ahead[0]}: it was filled by"
            " another clock. Give another --landing, or remove the folder and start again"
        )


def _write_whole(path: Path, content: bytes) -> None:
    """Put a file in place in one step, so that nobody ever reads half of it."""
    aside = path.with_name(f".{path.name}{_UNFINISHED}")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)


def _sync_folders(folders: Iterable[Path]) -> None:
    """Make renames survive a power cut."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
