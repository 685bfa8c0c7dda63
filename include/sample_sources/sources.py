"""The sample sources as a whole: filled up to a clock that only moves forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sample_sources import clock, customers, database, files
from sample_sources.data import SampleData, load
from sample_sources.errors import BadRequestError, ClockConflictError, DatabaseUnavailableError
from sample_sources.homes import HOME_DROPS
from sample_sources.times import FIRST_MOMENT, LAST_MOMENT, iso

DEFAULT_SEED = 2013


@dataclass(frozen=True)
class SampleSources:
    """A sample database and a landing folder that belong together. Safe to use from several processes at once."""

    database_url: str = field(repr=False)
    landing: Path
    load: Callable[[], SampleData] = field(default=load, repr=False)

    @cached_property
    def data(self) -> SampleData:
        """The data set, loaded when first needed."""
        return self.load()

    def prepare(self, start: datetime, seed: int = DEFAULT_SEED) -> datetime:
        """Fill the sources up to the clock and return its time; safe to repeat.

        `start` and `seed` count only the first time: a stored clock goes on from where it is. An advance that was
        broken off is finished. Raises BadRequestError for a start without data, DatabaseUnavailableError and
        LandingConflictError.
        """
        if not FIRST_MOMENT <= start <= LAST_MOMENT:
            raise BadRequestError(f"the clock can start between {iso(FIRST_MOMENT)} and {iso(LAST_MOMENT)}")
        with database.connect(self.database_url) as connection, database.only_writer(connection):
            with connection, connection.cursor() as cursor:
                database.create(cursor)
                customers.create(cursor)
                clock.create(cursor, seed, start.replace(microsecond=0))
            return self._catch_up(connection)

    def now(self) -> datetime:
        """The clock's time. Raises DatabaseUnavailableError where nothing is prepared yet."""
        with database.connect(self.database_url) as connection, connection.cursor() as cursor:
            stored = clock.read(cursor)
        if stored is None or stored.reached is None:
            raise _not_prepared()
        return stored.reached

    def advance(self, step: datetime | timedelta) -> datetime:
        """Move the clock to a moment, or on by a duration, and return its time once database and files are there.

        Moving to where the clock already is changes nothing. Raises ClockConflictError for a moment before the
        clock's or after the data's end, DatabaseUnavailableError and LandingConflictError.
        """
        with database.connect(self.database_url) as connection, database.only_writer(connection):
            with connection, connection.cursor() as cursor:
                if clock.read(cursor) is None:
                    raise _not_prepared()
            now = self._catch_up(connection)
            by = step if isinstance(step, timedelta) else step.replace(microsecond=0) - now
            if by < timedelta(0):
                raise ClockConflictError(f"the clock stands at {iso(now)} and only moves forward; give a later moment")
            if by > LAST_MOMENT - now:
                raise ClockConflictError(
                    f"the clock stands at {iso(now)} and moves up to {iso(LAST_MOMENT)}: there the data end"
                )
            target = now + by
            with connection, connection.cursor() as cursor:
                clock.set_out(cursor, target)
            return self._catch_up(connection)

    def _catch_up(self, connection: Any) -> datetime:
        """Bring files, then database and clock, to the recorded target. Whatever it was broken off at, it goes on."""
        with connection, connection.cursor() as cursor:
            stored = clock.read(cursor)
        if stored is None:
            raise _not_prepared()
        files.write_missing(self.landing, self.data.flights, stored.target)
        files.write_missing(self.landing, self.data.homes, stored.target, HOME_DROPS)
        # Database and clock move in one transaction, after the files: once the clock shows a time, all of it is there.
        with connection, connection.cursor() as cursor:
            if stored.reached is None:
                database.fill(cursor, self.data, stored.seed)
            after = stored.reached or FIRST_MOMENT
            if after < stored.target:
                database.apply_changes(cursor, self.data, stored.seed, after, stored.target)
            customers.catch_up(cursor, self.data.customers, stored.seed, stored.target)
            clock.arrive(cursor)
        return stored.target


def _not_prepared() -> DatabaseUnavailableError:
    return DatabaseUnavailableError(
        "the sample sources are not prepared yet: start `python -m sample_sources serve` first"
    )
