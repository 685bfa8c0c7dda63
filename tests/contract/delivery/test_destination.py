"""Batch predictions in somebody else's database."""

from __future__ import annotations

import polars as pl
import pytest
from sqlalchemy import create_engine, text
from tests.contract.predictions.test_store import rows

from evergreen.connections import Connection
from evergreen.delivery.destination import write_destination
from evergreen.errors import PermanentError, TransientError


def connection(url: str | None) -> Connection:
    return Connection("predictions_db", "postgresql://…", sqlalchemy_url=url)


def read(url: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as session:
        found = session.execute(text('SELECT key, release, prediction FROM "flight_delays" ORDER BY key, release'))
        result = [tuple(row) for row in found]
    engine.dispose()
    return result


def test_rows_are_upserted_by_key_and_release(database_url: str) -> None:
    assert write_destination(rows(2), connection(database_url), "flight_delays") == 2
    assert write_destination(rows(2), connection(database_url), "flight_delays") == 2
    assert write_destination(rows(1, prediction="false"), connection(database_url), "flight_delays") == 1
    write_destination(rows(1, release=2), connection(database_url), "flight_delays")
    assert read(database_url) == [("k0", 1, "false"), ("k0", 2, "true"), ("k1", 1, "true")]


def test_the_same_key_twice_counts_once(database_url: str) -> None:
    twice = pl.concat([rows(1), rows(1, prediction="false")])
    assert write_destination(twice, connection(database_url), "flight_delays") == 1
    assert read(database_url) == [("k0", 1, "false")]


def test_no_rows_make_the_table_all_the_same(database_url: str) -> None:
    assert write_destination(rows(0), connection(database_url), "flight_delays") == 0
    assert read(database_url) == []


def test_errors_say_what_to_do(database_url: str) -> None:
    with pytest.raises(PermanentError, match="give it a SQLAlchemy URL"):
        write_destination(rows(), connection(None), "flight_delays")
    with pytest.raises(TransientError, match="`predictions_db` is not reachable"):
        write_destination(rows(), connection("postgresql+psycopg2://nobody@127.0.0.1:1/none"), "flight_delays")
    engine = create_engine(database_url)
    with engine.begin() as session:
        session.execute(text("CREATE TABLE flight_delays (other int)"))
    engine.dispose()
    with pytest.raises(PermanentError, match="SQLSTATE 42703") as refused:
        write_destination(rows(), connection(database_url), "flight_delays")
    assert "k0" not in str(refused.value)
