"""What a database driver says, as errors of the right kind and without its secrets."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from evergreen.errors import EvergreenError, TransientError
from evergreen.ingest.errors import SourceRefused

if TYPE_CHECKING:
    import sqlalchemy as sa

_REFUSED = (
    "authentication failed",
    "no pg_hba.conf entry",
    "does not exist",
    "is not permitted to log in",
    "access denied",
)
_TRANSIENT_STATES = ("08", "40", "53", "55", "57", "58")


class telling:  # noqa: N801 — reads as a sentence: `with telling(engine, …) as connection`
    """A connection whose driver errors come out as TransientError or SourceRefused.

    A driver's text may hold the URL or a row's values. It is passed on only where the server complains of the statement
    (SQLSTATE class 42), where it names tables and columns.
    """

    def __init__(self, engine: sa.Engine, where: str, connection: str) -> None:
        self._engine, self._where, self._name = engine, where, connection
        self._connection: sa.Connection | None = None

    def __enter__(self) -> sa.Connection:
        import sqlalchemy as sa

        try:
            self._connection = self._engine.connect()
            if self._connection.dialect.name == "postgresql":
                self._connection.execute(sa.text("SET TIME ZONE 'UTC'"))
                self._connection.execute(sa.text("SET DateStyle = 'ISO'"))
        except sa.exc.SQLAlchemyError as error:
            self._engine.dispose()
            raise self._told(error) from None
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import sqlalchemy as sa

        if self._connection is not None:
            if error is not None:
                self._connection.invalidate()
            self._connection.close()
        self._engine.dispose()
        driver = self._engine.dialect.loaded_dbapi.Error
        if isinstance(error, sa.exc.SQLAlchemyError | driver):
            raise self._told(error) from None

    def _told(self, error: Exception) -> EvergreenError:
        driver = getattr(error, "orig", None)
        return driver_error(driver if driver is not None else error, self._where, self._name)


def driver_error(driver: Any, where: str, name: str) -> EvergreenError:
    """The error to raise for a driver's exception (DB-API), on connection `name`."""
    said = f"{where}: connection `{name}`"
    state = getattr(driver, "sqlstate", None) or getattr(driver, "pgcode", None) or ""
    text = str(driver).lower()
    kind = type(driver).__name__
    if not state and any(sign in text for sign in _REFUSED):
        return SourceRefused(
            f"{said}: the server refused the log-in ({kind}). Check user, password and database where the connection "
            f"is defined (in Airflow: Admin > Connections > {name})"
        )
    if state.startswith("28"):
        return SourceRefused(
            f"{said}: the server refused the log-in (SQLSTATE {state}). Set its user and password anew"
        )
    if state.startswith("42"):
        return SourceRefused(f"{said}: {_primary(driver)} (SQLSTATE {state}). Check `table` or `query` of the source")
    transient = state.startswith(_TRANSIENT_STATES)
    if transient or (not state and kind in ("OperationalError", "InterfaceError", "TimeoutError", "InternalError")):
        if "no such table" in text or "no such column" in text or "syntax error" in text:
            return SourceRefused(f"{said}: the statement was refused ({kind}). Check `table` or `query` of the source")
        return TransientError(
            f"{said}: the database can't be reached or broke off ({kind}{', SQLSTATE ' + state if state else ''}). Try "
            "again later, and see whether it is up"
        )
    return SourceRefused(
        f"{said}: the database could not answer ({kind}{', SQLSTATE ' + state if state else ''}). Run the source's "
        "statement by hand to see why"
    )


def _primary(driver: Any) -> str:
    message = getattr(getattr(driver, "diag", None), "message_primary", None)
    return str(message) if message else "the statement was refused"
