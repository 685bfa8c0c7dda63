"""A table or a query of a SQL database, streamed: memory stays flat however many rows there are.

Incremental reading takes rows whose `by` is at or after the last one seen (less the lookback) and, where `by` is a
time, at or before the data time; rows without `by` have no place in that order and are not read. PostgreSQL is read by
COPY, any other database through SQLAlchemy's stream.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.artifacts import JsonObject
from evergreen.ingest.errors import SchemaChanged, SourceRefused, did_you_mean, quoted
from evergreen.ingest.fit import fit, refuse_misfits
from evergreen.ingest.request import BROKEN_SCHEMA, Request
from evergreen.ingest.sql_copy import copied, copies
from evergreen.ingest.sql_errors import telling
from evergreen.ingest.sql_rows import streamed
from evergreen.ingest.window import Moment, Newest, low_end
from evergreen.spec.sources import SqlSource

if TYPE_CHECKING:
    import sqlalchemy as sa

_CONNECT_TIMEOUT = 10


class SqlReader:
    """Reads one table or query once."""

    def __init__(self, request: Request, spec: SqlSource) -> None:
        self._request, self._spec = request, spec
        self._newest = Newest(request.cursor)
        self._broken: list[tuple[str, int, str]] = []
        self._rows = 0

    @property
    def cursor(self) -> JsonObject:
        """The newest `by` ever seen; empty for a source that is read whole each time."""
        return self._newest.cursor if self._spec.incremental is not None else {}

    @property
    def broken(self) -> pl.DataFrame:
        """Rows without a key: `file` is the table (or `query`), `line` the row's number in order of arrival."""
        return pl.DataFrame(self._broken, schema=BROKEN_SCHEMA, orient="row")

    def columns(self) -> list[str]:
        """The columns the table or query has now."""
        with self._connected() as connection:
            return self._names(connection, self._relation(connection))

    def frames(self) -> Generator[pl.DataFrame]:
        """The rows, a frame of some ten thousand at a time."""
        with self._connected() as connection:
            statement = self._statement(connection)
            rows = copied if copies(connection) else streamed
            with closing(rows(connection, statement, self._request)) as frames:
                for frame in frames:
                    fitted = fit(frame, self._request, "strict")
                    refuse_misfits(fitted, self._request)
                    name = self._spec.table or "query"
                    self._broken += [(name, self._rows + row + 1, why) for row, why in sorted(fitted.keyless.items())]
                    self._rows += frame.height
                    if self._spec.incremental is not None:
                        self._newest.see(fitted.frame[self._spec.incremental.by])
                    yield fitted.good

    def _connected(self) -> telling:
        import sqlalchemy as sa
        from sqlalchemy.pool import NullPool

        resolved = self._request.connect(self._spec.connection)
        if resolved.sqlalchemy_url is None:
            raise SourceRefused(
                f"{self._request.where}: connection `{resolved.name}` has no database URL; define it as a SQL one"
            )
        try:
            url = sa.make_url(resolved.sqlalchemy_url)
            arguments = {"connect_timeout": _CONNECT_TIMEOUT} if url.get_backend_name() == "postgresql" else {}
            engine = sa.create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=arguments)
        except (sa.exc.ArgumentError, ImportError):
            raise SourceRefused(
                f"{self._request.where}: the URL of connection `{resolved.name}` is not one SQLAlchemy can use. "
                "Write it as postgresql+psycopg2://user:password@host:port/database"
            ) from None
        return telling(engine, self._request.where, self._spec.connection)

    def _statement(self, connection: sa.Connection) -> sa.Select[Any]:
        import sqlalchemy as sa

        relation = self._relation(connection)
        everything: sa.Select[Any] = sa.select(sa.literal_column("*")).select_from(relation)
        if isinstance(relation, sa.Table):
            everything = sa.select(relation)
        if self._spec.incremental is None:
            return everything
        names = self._names(connection, relation)
        name = self._spec.incremental.by
        if name not in names:
            raise SchemaChanged(
                f"{self._request.where}: there is no column `{name}`, which "
                f"`sources.{self._request.source}.incremental` names{did_you_mean(name, names)}; there are "
                f"{quoted(names)}"
            )
        by: sa.ColumnElement[Any] = (
            relation.c[name]
            if isinstance(relation, sa.Table)
            else sa.literal_column(connection.dialect.identifier_preparer.quote(name))
        )
        probe = sa.select(by).select_from(relation).where(by.is_not(None)).limit(1)
        sample = connection.execute(probe).scalar()
        low = low_end(self._request.cursor, self._spec.incremental, self._request.where)
        if isinstance(sample, datetime | date):
            if low is not None and not isinstance(low, datetime):
                raise self._other_kind(name)
            everything = everything.where(by <= _like(self._request.until, sample))
        elif isinstance(sample, int | float | Decimal):
            if isinstance(low, datetime):
                raise self._other_kind(name)
        elif sample is not None:
            raise SourceRefused(
                f"{self._request.where}: column `{name}` is neither a time nor a number, so it can't be read by. Read "
                "by another column, or cast it in a `query`"
            )
        return everything if low is None else everything.where(by >= _like(low, sample))

    def _relation(self, connection: sa.Connection) -> sa.FromClause:
        """The table as the database describes it, or the query in brackets. Raises SourceRefused."""
        import re

        import sqlalchemy as sa

        if self._spec.query is not None:
            # A colon before a word would be a parameter to SQLAlchemy; a double one is PostgreSQL's cast.
            query = re.sub(r"(?<![:\\]):(?=\w)", r"\:", self._spec.query.strip().rstrip(";"))
            return sa.text(f"(\n{query}\n) AS source")  # type: ignore[return-value]
        schema, _, name = (self._spec.table or "").rpartition(".")
        try:
            return sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False)
        except sa.exc.NoSuchTableError:
            inspector = sa.inspect(connection)
            there = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
            raise SourceRefused(
                f"{self._request.where}: connection `{self._spec.connection}` has no table `{self._spec.table}`"
                f"{did_you_mean(name, there)}; there are {quoted(sorted(there)) or 'none'}"
            ) from None

    def _names(self, connection: sa.Connection, relation: sa.FromClause) -> list[str]:
        import sqlalchemy as sa

        if isinstance(relation, sa.Table):
            return [column.name for column in relation.columns]
        return list(connection.execute(sa.select(sa.literal_column("*")).select_from(relation).limit(0)).keys())

    def _other_kind(self, name: str) -> SchemaChanged:
        return SchemaChanged(
            f"{self._request.where}: column `{name}` has turned from a number into a time or back, and the cursor no "
            "longer fits it. Give the source a new name, or restore the column's type"
        )


def _like(moment: Moment, sample: Any) -> Any:
    """A moment as the kind of time that the column holds: with a zone, without one (UTC), or a date."""
    if not isinstance(moment, datetime):
        return moment
    if isinstance(sample, datetime):
        return moment.astimezone(UTC) if sample.tzinfo is not None else moment.astimezone(UTC).replace(tzinfo=None)
    if isinstance(sample, date):
        return moment.astimezone(UTC).date()
    return moment
