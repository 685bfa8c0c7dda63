"""The fleet database: `planes`, `airports` and `airlines` in PostgreSQL, each row with `updated_at`.

The captains in `planes.captain_name` and `planes.captain_email` are invented (see `people`): no person is meant, and
`example.com` is a reserved domain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg2
import psycopg2.errors
from psycopg2.extras import execute_values
from psycopg2.sql import SQL, Identifier

from sample_sources.changes import changes_between, first_update, newest_values
from sample_sources.data import AIRLINE_COLUMNS, AIRPORT_COLUMNS, PLANE_COLUMNS, Row, SampleData
from sample_sources.errors import DatabaseUnavailableError
from sample_sources.people import captain

_LOCK = 2013_03_01
_CREATE = """
CREATE TABLE IF NOT EXISTS planes (
    tail_number text PRIMARY KEY, year integer, type text, manufacturer text, model text, engines integer,
    seats integer, speed integer, engine text, captain_name text, captain_email text, updated_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS planes_updated_at ON planes (updated_at);
CREATE TABLE IF NOT EXISTS airports (
    faa text PRIMARY KEY, name text, lat double precision, lon double precision, alt integer, tz integer, dst text,
    tzone text, updated_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS airlines (carrier text PRIMARY KEY, name text, updated_at timestamptz NOT NULL);
"""
_CHANGE = """
UPDATE planes SET
    captain_name = coalesce(new.captain_name, planes.captain_name),
    captain_email = coalesce(new.captain_email, planes.captain_email),
    seats = coalesce(new.seats, planes.seats),
    updated_at = new.at
FROM (VALUES %s) AS new (tail_number, at, captain_name, captain_email, seats)
WHERE planes.tail_number = new.tail_number
"""


@contextmanager
def connect(url: str) -> Iterator[Any]:
    """A psycopg2 connection, closed at the end. `url` may be SQLAlchemy's (`postgresql+psycopg2://…`).

    Raises DatabaseUnavailableError when the server can't be reached or goes away; the message never holds the URL.
    """
    try:
        connection = psycopg2.connect(
            url.replace("postgresql+psycopg2://", "postgresql://", 1),
            connect_timeout=5,
            application_name="sample_sources",
            options="-c timezone=UTC -c lock_timeout=60s",
        )
    except psycopg2.Error as error:
        raise DatabaseUnavailableError(_unreachable(error)) from None
    try:
        yield connection
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise DatabaseUnavailableError(_unreachable(error)) from error
    finally:
        connection.close()


@contextmanager
def only_writer(connection: Any) -> Iterator[None]:
    """Hold the lock that keeps two processes from moving the sources at once; waits at most a minute for it."""
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    except psycopg2.errors.LockNotAvailable:
        raise DatabaseUnavailableError(
            "another process has been moving the sample sources for a minute; try again"
        ) from None
    # The lock belongs to the session: closing the connection, or losing it, gives it back.
    yield


def create(cursor: Any) -> None:
    """Create the tables where they are missing."""
    cursor.execute(_CREATE)


def fill(cursor: Any, data: SampleData, seed: int) -> None:
    """Put every row in as it was before the data begin."""
    captains = ("captain_name", "captain_email")
    planes = [(*row, *captain(row[0], "the beginning")) for row in data.planes]
    _insert(cursor, seed, "planes", (*PLANE_COLUMNS, *captains), planes)
    _insert(cursor, seed, "airports", AIRPORT_COLUMNS, data.airports)
    _insert(cursor, seed, "airlines", AIRLINE_COLUMNS, data.airlines)


def apply_changes(cursor: Any, data: SampleData, seed: int, after: datetime, until: datetime) -> None:
    """Bring `planes` from its state at `after` to its state at `until`."""
    seats = {row[0]: row[PLANE_COLUMNS.index("seats")] for row in data.planes}
    changes = newest_values(changes_between(seed, seats, after, until))
    rows = [(c.tail_number, c.at, c.captain_name, c.captain_email, c.seats) for c in changes]
    template = "(%s, %s::timestamptz, %s::text, %s::text, %s::integer)"
    if rows:
        execute_values(cursor, _CHANGE, rows, template=template, page_size=1000)


def _insert(cursor: Any, seed: int, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows, each with a first `updated_at` that depends on its key, the first column."""
    stamped = [(*row, first_update(seed, f"{table}/{row[0]}")) for row in rows]
    names = map(Identifier, (*columns, "updated_at"))
    statement = SQL("INSERT INTO {} ({}) VALUES %s").format(Identifier(table), SQL(", ").join(names))
    execute_values(cursor, statement, stamped, page_size=1000)


def _unreachable(error: Exception) -> str:
    # A driver's "invalid dsn" repeats pieces of the URL, and with it the password: only its kind is told.
    return (
        f"the sample database can't be used ({type(error).__name__}): check that PostgreSQL runs and that the"
        " URL is postgresql://user:password@host:port/sources"
    )
