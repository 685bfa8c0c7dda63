"""Batch predictions where their readers want them: a table of their own in a database of theirs."""

from __future__ import annotations

import polars as pl

from evergreen.connections import Connection
from evergreen.errors import PermanentError, TransientError

_COLUMNS = {
    "key": "text NOT NULL",
    "release": "bigint NOT NULL",
    "prediction_id": "text NOT NULL",
    "prediction": "text NOT NULL",
    "probability": "double precision",
    "probabilities": "text",
    "at": "timestamptz",
    "data_time": "timestamptz",
    "made_at": "timestamptz",
    "model_version": "bigint",
    "dataset_version": "bigint",
}
_KEY = ("key", "release")


def write_destination(frame: pl.DataFrame, connection: Connection, table: str) -> int:
    """Insert or update predictions (rows of the predictions store) in `table`, by key and release; how many.

    The table is created when it is not there. Writing the same rows twice leaves the same table. Raises TransientError
    when the database can't be reached, PermanentError when it refuses or the connection is not a SQL database.
    """
    import psycopg2
    from psycopg2.extras import execute_values
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

    if connection.sqlalchemy_url is None:
        raise PermanentError(
            f"connection `{connection.name}` is no SQL database; `scoring.destination` names one: give it a"
            " SQLAlchemy URL"
        )
    name = '"' + table.replace('"', '""') + '"'
    names = ", ".join(_COLUMNS)
    changes = ", ".join(f"{column} = EXCLUDED.{column}" for column in _COLUMNS if column not in _KEY)
    columns = ", ".join(f"{column} {kind}" for column, kind in _COLUMNS.items())
    rows = frame.unique(_KEY, keep="last", maintain_order=True).select(*_COLUMNS).rows()
    engine = create_engine(connection.sqlalchemy_url)
    try:
        with engine.begin() as session:
            session.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"evergreen {table}",))
            session.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {name} ({columns}, PRIMARY KEY ({', '.join(_KEY)}))")
            statement = f"INSERT INTO {name} ({names}) VALUES %s ON CONFLICT (key, release) DO UPDATE SET {changes}"  # noqa: S608
            execute_values(session.connection.cursor(), statement, rows, page_size=1000)
    except (OperationalError, InterfaceError, psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise TransientError(f"`{connection.name}` is not reachable; no predictions were written to it") from error
    except (DBAPIError, psycopg2.Error) as error:
        raise _refused(connection.name, table, getattr(error, "orig", error)) from error
    finally:
        engine.dispose()
    return len(rows)


def _refused(connection: str, table: str, error: object) -> PermanentError:
    code = getattr(error, "pgcode", None)
    return PermanentError(
        f"`{connection}` refused predictions for table `{table}` (SQLSTATE {code}); the table needs the columns"
        f" {', '.join(_COLUMNS)} with ({', '.join(_KEY)}) as its key, and the user the right to write it"
    )
