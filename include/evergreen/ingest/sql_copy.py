"""Rows of PostgreSQL by COPY: the server writes CSV, Arrow reads it as it comes; no row passes through Python."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.ingest.errors import SourceRefused
from evergreen.ingest.exact import read_as_text, whole_keys
from evergreen.ingest.request import Request
from evergreen.table import TIME

if TYPE_CHECKING:
    import sqlalchemy as sa

_BLOCK, _TOGETHER = 2 << 20, 4
"""Bytes of text that Arrow parses at once, and how many such blocks make a frame. Arrow reads up to 32 blocks ahead of
a slow writer, so larger ones would take memory.
"""
_NUMERIC, _NOT_TOLD = 1700, 65535
_TYPES: dict[int, pl.DataType] = {
    16: pl.Boolean(),
    **dict.fromkeys((20, 21, 23, 26), pl.Int64()),
    **dict.fromkeys((700, 701, _NUMERIC), pl.Float64()),
    1082: pl.Date(),
    1114: pl.Datetime("us"),
    1184: TIME,
}
"""PostgreSQL's type numbers; every other type is read as its text."""


def copies(connection: sa.Connection) -> bool:
    """Whether the connection is one to a PostgreSQL that this module can copy from."""
    return connection.dialect.name == "postgresql" and connection.dialect.driver == "psycopg2"


def copied(connection: sa.Connection, statement: sa.Select[Any], request: Request) -> Generator[pl.DataFrame]:
    """The statement's rows in frames of 8 MiB of text and of one schema; one empty frame when there are none.

    Raises SourceRefused for a value that no column of a frame can hold, such as a time `infinity`.
    """
    import pyarrow as pa

    cursor: Any = connection.connection.cursor()
    compiled = statement.compile(connection, compile_kwargs={"render_postcompile": True})
    query = cursor.mogrify(str(compiled), compiled.params).decode()
    cursor.execute(f"SELECT * FROM (\n{query}\n) AS source LIMIT 0")  # noqa: S608 — built by SQLAlchemy
    texts = [column.name for column in cursor.description if _exact(column, request)]
    kinds = {
        column.name: pl.String() if column.name in texts else _TYPES.get(column.type_code, pl.String())
        for column in cursor.description
    }
    out, into = os.pipe()
    failed: list[BaseException] = []

    def send() -> None:
        # The driver hands over a row at a time: without the buffer each would be a system call. A reader that has
        # stopped breaks the pipe, and knows why.
        with suppress(OSError), os.fdopen(into, "wb", buffering=1 << 20) as pipe:
            try:
                cursor.copy_expert(f"COPY (\n{query}\n) TO STDOUT WITH (FORMAT csv, ENCODING 'UTF8')", pipe)
            except Exception as error:  # noqa: BLE001 — raised again in the reading thread
                failed.append(error)

    sender = threading.Thread(target=send, name="copy", daemon=True)
    sender.start()
    try:
        with os.fdopen(out, "rb", buffering=1 << 20) as pipe:
            try:
                for frame in _frames(pipe, kinds):
                    yield whole_keys(frame, texts, request)
            except BaseException as error:
                if failed and isinstance(error, Exception):
                    raise failed[0] from None
                # Nobody reads on. Cancelled before the pipe is closed, as Arrow's own thread may be waiting in it for
                # rows, which the server may take long to send.
                with suppress(connection.dialect.loaded_dbapi.Error):
                    cursor.connection.cancel()
                if isinstance(error, pa.ArrowInvalid):
                    raise SourceRefused(
                        f"{request.where}: the answer holds a value that can't be kept, such as a time `infinity` or "
                        "one before Christ. Cast it in a `query`"
                    ) from None
                raise
    finally:
        sender.join()
        cursor.close()
    if failed:
        raise failed[0]


def _exact(column: Any, request: Request) -> bool:
    """Whether a column is one of exact numbers that is to be taken as text."""
    scale = None if column.precision == _NOT_TOLD else column.scale
    return bool(column.type_code == _NUMERIC and read_as_text(request, column.name, scale))


def _frames(pipe: Any, kinds: Mapping[str, pl.DataType]) -> Iterator[pl.DataFrame]:
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    empty = pl.DataFrame(schema=dict(kinds))
    start = pipe.peek(1)
    if not start:
        yield empty
        return
    reader = arrow_csv.open_csv(
        pipe,
        read_options=arrow_csv.ReadOptions(column_names=list(kinds), block_size=_BLOCK, use_threads=True),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=arrow_csv.ConvertOptions(
            column_types=empty.to_arrow().schema,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    blocks = iter(reader)
    while batches := list(islice(blocks, _TOGETHER)):
        frame = pl.from_arrow(pa.Table.from_batches(batches).combine_chunks())
        if isinstance(frame, pl.DataFrame) and frame.height:
            yield frame
