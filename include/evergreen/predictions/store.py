"""The table of predictions in PostgreSQL."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from evergreen.errors import PermanentError, TransientError, bounded
from evergreen.predictions.rows import COLUMNS, Kind, Prediction

_SQL_TYPES = {pl.String: "text", pl.Float64: "double precision", pl.Int64: "bigint", pl.Datetime: "timestamptz"}
_REQUIRED = (
    "use_case", "key", "made_at", "release", "model_version", "kind", "features_hash", "prediction",
)  # fmt: skip
_TIME = "coalesce(at, data_time)"
_BATCH: tuple[Kind, ...] = ("batch",)
_LOCK = 7_463_021  # any number, the same in every process: creating the same schema twice at once is an error


class PredictionStore:
    """Predictions by id. Writing is idempotent: an id that is there already stays as it is.

    Every method raises TransientError when the database can't be reached, PermanentError when it refuses.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self) -> None:
        """Create schema `evergreen` and its table `predictions` unless they are there."""
        columns = ", ".join(f"{name} {_definition(name, dtype)}" for name, dtype in COLUMNS.items())
        statements = (
            f"SELECT pg_advisory_xact_lock({_LOCK})",
            "CREATE SCHEMA IF NOT EXISTS evergreen",
            f"CREATE TABLE IF NOT EXISTS evergreen.predictions ({columns})",
            f"CREATE INDEX IF NOT EXISTS predictions_time ON evergreen.predictions (use_case, ({_TIME}))",
            "CREATE INDEX IF NOT EXISTS predictions_key ON evergreen.predictions (use_case, release, kind, key)",
        )
        with _typed("create the predictions table"), self._engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def write(self, rows: pl.DataFrame) -> int:
        """Store `rows` (the columns `rows.COLUMNS`, any order) in one transaction; the number that were new."""
        if absent := [name for name in COLUMNS if name not in rows.columns]:
            raise PermanentError(f"predictions can't be written without the columns {bounded(absent)}")
        if rows.is_empty():
            return 0
        file = io.BytesIO()
        rows.select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items()).write_csv(
            file, include_header=False, null_value="", datetime_format="%Y-%m-%d %H:%M:%S%.6f+00"
        )
        file.seek(0)
        with self._cursor("write predictions") as cursor:
            cursor.execute("CREATE TEMP TABLE incoming (LIKE evergreen.predictions) ON COMMIT DROP")
            cursor.copy_expert("COPY incoming FROM STDIN (FORMAT csv)", file)
            cursor.execute("INSERT INTO evergreen.predictions SELECT * FROM incoming ON CONFLICT DO NOTHING")
            return int(cursor.rowcount)

    def find(self, prediction_id: str) -> Prediction | None:
        """The prediction with this id, or None."""
        query = text(f"SELECT {', '.join(COLUMNS)} FROM evergreen.predictions WHERE prediction_id = :id")  # noqa: S608
        with _typed("read a prediction"), self._engine.connect() as connection:
            row = connection.execute(query, {"id": prediction_id}).mappings().first()
        if row is None:
            return None
        values = {**row, "probabilities": _loads(row["probabilities"]), "features": _loads(row["features"])}
        return Prediction(**values)

    def window(self, use_case: str, since: datetime, until: datetime) -> pl.DataFrame:
        """Predictions for `since` ≤ time < `until`, oldest first, all columns but `features`.

        The time is the moment the row was predicted for, or, without one, the data time it was predicted at.
        """
        names = [name for name in COLUMNS if name != "features"]
        where = f"use_case = %s AND {_TIME} >= %s AND {_TIME} < %s"
        query = f"SELECT {', '.join(names)} FROM evergreen.predictions WHERE {where} ORDER BY {_TIME}, prediction_id"  # noqa: S608
        return self._read(query, (use_case, since, until), names)

    def scored_keys(self, use_case: str, release: int | None, kinds: Collection[Kind] = _BATCH) -> set[str]:
        """Keys that have a prediction of one of `kinds` by `release` (None: by any)."""
        by_release = "" if release is None else " AND release = %s"
        parameters = (use_case, list(kinds), *(() if release is None else (release,)))
        query = f"SELECT DISTINCT key FROM evergreen.predictions WHERE use_case = %s AND kind = ANY(%s){by_release}"  # noqa: S608
        return set(self._read(query, parameters, ["key"])["key"].to_list())

    @contextmanager
    def _cursor(self, doing: str) -> Iterator[Any]:
        """The driver's own cursor in a transaction: SQLAlchemy has no COPY. A broken connection leaves the pool."""
        import psycopg2

        with _typed(doing), self._engine.begin() as connection:
            try:
                yield connection.connection.cursor()
            except (psycopg2.InterfaceError, psycopg2.OperationalError) as error:
                connection.invalidate(error)
                raise

    def _read(self, query: str, parameters: tuple[object, ...], names: list[str]) -> pl.DataFrame:
        """The rows of a query, by COPY: many times quicker than row by row."""
        file = io.BytesIO()
        with self._cursor("read predictions") as cursor:
            cursor.execute("SET LOCAL timezone TO 'UTC'")
            asked = cursor.mogrify(query, parameters).decode()
            cursor.copy_expert(f"COPY ({asked}) TO STDOUT (FORMAT csv)", file)
        file.seek(0)
        as_text = {name: pl.String() if COLUMNS[name] == pl.Datetime else COLUMNS[name] for name in names}
        if not file.getbuffer().nbytes:
            return pl.DataFrame(schema={name: COLUMNS[name] for name in names})
        frame = pl.read_csv(file, has_header=False, schema=as_text)
        times = [name for name in names if COLUMNS[name] == pl.Datetime]
        return frame.with_columns(pl.col(times).str.to_datetime("%Y-%m-%d %H:%M:%S%.f%#z", time_unit="us"))


def _definition(name: str, dtype: pl.DataType) -> str:
    kind = _SQL_TYPES[type(dtype)]
    return f"{kind} PRIMARY KEY" if name == "prediction_id" else f"{kind} NOT NULL" if name in _REQUIRED else kind


def _loads(value: str | None) -> dict[str, Any] | None:
    return None if value is None else json.loads(value)


@contextmanager
def _typed(doing: str) -> Iterator[None]:
    """Turn the driver's errors into ours; their text may hold a row's values, so only the kind is kept."""
    import psycopg2

    try:
        yield
    except (OperationalError, InterfaceError, psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise TransientError(f"could not {doing}: the database is not reachable or closed the connection") from error
    except (DBAPIError, psycopg2.Error) as error:
        code = getattr(getattr(error, "orig", error), "pgcode", None)
        raise PermanentError(f"could not {doing}: the database refused it (SQLSTATE {code})") from error
