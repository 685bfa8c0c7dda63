"""The customers of a telephone company: `customers` and, a month later, `customer_outcomes`, in the sample database.

What is said of each customer, and whether they left, is the data set `wa_churn`; it has no time and names nobody. Made
up are the ids, the people (see `people`), when a customer enters the table, that it is known thirty days later whether
they left, and the few changes of a day. All of it depends on the seed and the clock alone, never on how the clock got
there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg2.extras import execute_values
from psycopg2.sql import SQL, Identifier

from sample_sources.chance import number, share
from sample_sources.data import CUSTOMER_COLUMNS, Row
from sample_sources.people import person
from sample_sources.times import FIRST_MOMENT, LAST_MOMENT

EMAILS_A_DAY = 3
BILLS_A_DAY = 2
KNOWN_AFTER = timedelta(days=30)
_FIRST_ENTRY = FIRST_MOMENT - timedelta(days=365)
_DAY = 24 * 60 * 60
_ID, _CHURN, _PAPERLESS = (CUSTOMER_COLUMNS.index(name) for name in ("customer_id", "churn", "paperless_billing"))
_COLUMNS = tuple(name for name in CUSTOMER_COLUMNS if name != "churn")
_TABLE = (*_COLUMNS, "full_name", "email", "updated_at")
_CREATE = """
CREATE TABLE IF NOT EXISTS customers (
    customer_id text PRIMARY KEY, female integer, senior_citizen integer, partner integer, dependents integer,
    tenure integer, phone_service integer, multiple_lines text, internet_service text, online_security text,
    online_backup text, device_protection text, tech_support text, streaming_tv text, streaming_movies text,
    contract text, paperless_billing integer, payment_method text, monthly_charges double precision,
    total_charges double precision, full_name text, email text, updated_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS customers_updated_at ON customers (updated_at);
CREATE TABLE IF NOT EXISTS customer_outcomes (
    customer_id text PRIMARY KEY, churn text NOT NULL, known_at timestamptz NOT NULL
);
"""


def entered(seed: int, customer_id: str) -> datetime:
    """When a customer enters the table: spread evenly from a year before the data begin until the clock's end."""
    span = (LAST_MOMENT - _FIRST_ENTRY).total_seconds()
    return _FIRST_ENTRY + timedelta(seconds=int(share(seed, "customer", customer_id) * span))


def customers_at(rows: Sequence[Row], seed: int, now: datetime) -> list[Row]:
    """The table `customers` at a moment, in order of entry; each row as its last change left it."""
    order = sorted((entered(seed, row[_ID]), row) for row in rows)
    moments = [moment for moment, _ in order]
    there = bisect_right(moments, now)
    values = [dict(zip(CUSTOMER_COLUMNS, row, strict=True)) for _, row in order[:there]]
    for customer, moment in zip(values, moments[:there], strict=True):
        customer["full_name"], customer["email"] = person("customer", customer["customer_id"], "the beginning")
        customer["updated_at"] = moment
    for at, turn in _turns(seed, now):
        changed = values[number(seed, at, turn, "customer") % bisect_right(moments, at)]
        changed["updated_at"] = at
        if turn < EMAILS_A_DAY:
            _, changed["email"] = person("customer", changed["customer_id"], str(at.date()))
        else:
            changed["paperless_billing"] = 1 - changed["paperless_billing"]
    return [tuple(customer[name] for name in _TABLE) for customer in values]


def outcomes_at(rows: Sequence[Row], seed: int, now: datetime) -> list[Row]:
    """The table `customer_outcomes` at a moment: id, whether they left (`Yes`, `No`), when that was known."""
    known = ((row[_ID], row[_CHURN], entered(seed, row[_ID]) + KNOWN_AFTER) for row in rows)
    return sorted(row for row in known if row[2] <= now)


def create(cursor: Any) -> None:
    """Create the tables where they are missing."""
    cursor.execute(_CREATE)


def catch_up(cursor: Any, rows: Sequence[Row], seed: int, now: datetime) -> None:
    """Bring both tables to their state at `now`, whatever earlier state they are in."""
    _bring(cursor, "customers", _TABLE, customers_at(rows, seed, now))
    _bring(cursor, "customer_outcomes", ("customer_id", "churn", "known_at"), outcomes_at(rows, seed, now))


def _bring(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Put in the rows that are newer than the table; the last column says when each was written."""
    name, stamp = Identifier(table), Identifier(columns[-1])
    cursor.execute(SQL("SELECT max({}) FROM {}").format(stamp, name))
    newest = cursor.fetchone()[0]
    fresh = [row for row in rows if newest is None or row[-1] > newest]
    statement = SQL("INSERT INTO {} ({}) VALUES %s ON CONFLICT (customer_id) DO UPDATE SET {}").format(
        name,
        SQL(", ").join(map(Identifier, columns)),
        SQL(", ").join(SQL("{0} = EXCLUDED.{0}").format(Identifier(column)) for column in columns[1:]),
    )
    if fresh:
        execute_values(cursor, statement, fresh, page_size=1000)


def _turns(seed: int, now: datetime) -> list[tuple[datetime, int]]:
    """The moments up to `now` at which a customer changes, in order, each with its turn within its UTC day."""
    days = [FIRST_MOMENT + timedelta(days=day) for day in range((now - FIRST_MOMENT).days + 1)]
    turns = (
        (day + timedelta(seconds=number(seed, day.date(), turn, "customer's moment") % _DAY), turn)
        for day in days
        for turn in range(EMAILS_A_DAY + BILLS_A_DAY)
    )
    return sorted(turn for turn in turns if turn[0] <= now)
