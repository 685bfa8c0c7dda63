"""`sources:` where rows come from. A source type is one class here and one file in `ingest/`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evergreen.spec.base import Duration, Name, Section

ColumnType = Literal["int64", "float64", "string", "bool", "datetime", "date"]
Anonymiser = Literal["drop", "mask", "pseudonymise"]


class AvailableAt(Section):
    """When a row could be known: a column of the source, plus a delay. Default: its batch's data time."""

    column: str
    """When a row could be known. Joins and labels go by it. Without `available_at`, and where the column is empty, it
    is the data time of the batch that brought the row. Times only: a number is refused."""
    delay: Duration | None = None
    """A row could be known so much later."""


class Incremental(Section):
    """Read only rows whose `by` is at or after the last one seen, minus `lookback` (for rows that come late)."""

    by: str
    """A column of times or numbers. Each run reads rows from the newest value seen so far on, times up to the data
    time. Rows without a value are not read. Without `incremental` everything is read each time."""
    lookback: Duration | None = None
    """Read so much further back, for rows that come late. Times only."""


class Source(Section):
    """What all sources share. Without a key, rows are append-only."""

    key: tuple[str, ...] = ()
    """The columns that name a row; every version of a row is kept. Base and outcome need the use case's own key, a
    static join needs some. Without a key rows are only added. A row with an empty key counts as a line that can't be
    read."""
    order_by: str | None = None
    """The column that tells which version of a row is the newest. It holds numbers, times or text; text goes by time
    where all of it is ISO times. By default the data time of the batch decides, then the content."""
    available_at: AvailableAt | None = None
    role: Literal["data", "outcome"] = "data"
    """`outcome`, for one source: it brings the target and nothing else, when it is known. It is joined by itself."""
    personal: dict[str, Anonymiser] = Field(default_factory=dict)
    """What happens to a column before anything is written. `drop` removes it. `mask` writes `***`. `pseudonymise`
    writes 24 hex digits, the same for the same text in every source. A column of the key can only be
    pseudonymised."""
    types: dict[str, ColumnType] = Field(default_factory=dict)
    """The type of a column, e.g. `{postal_code: string}`. By default columns of CSV and XML get the type that all their
    values look like, and numbers with leading zeros stay text. A database's `numeric` is a number of 16 digits, in
    the key of 18 where it is whole; as `string` it has all."""


class SqlSource(Source):
    """A table or a query of a SQL database."""

    type: Literal["sql"]
    """A SQL database."""
    connection: Name
    """The name of [a connection](../guides/connections.md)."""
    table: str | None = None
    """A table, also `schema.table`. Give either this or `query`."""
    query: str | None = None
    """A SELECT."""
    incremental: Incremental | None = None


class RestSource(Source):
    """A JSON endpoint of an HTTP API."""

    type: Literal["rest"]
    """A JSON API over HTTP."""
    connection: Name
    """The name of [a connection](../guides/connections.md)."""
    endpoint: str
    """What follows the connection's address, e.g. `/observations`."""
    params: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """Sent with each request."""
    records: str = "data"
    """The key of the answer that holds the list of rows. Without pages the answer may be the list itself."""
    paginate: Literal["cursor", "none"] = "none"
    """`cursor`: `limit` is sent, and the `next` of each answer goes back as `cursor` until it is null."""
    incremental: Incremental | None = None
    page_size: int = Field(default=500, ge=1, le=10_000)
    """What `limit` says."""


class FilesSource(Source):
    """Files that arrive in a folder: CSV, NDJSON, JSON, XML (each plain or gzip) or Parquet, told by their names."""

    type: Literal["files"]
    """Files in a folder."""
    path: str
    """A glob. `{landing}/…` lies in `.evergreen/landing`. `{use_case}/…`, and a path that begins with neither, lies in
    the use case's folder. Files end in `.csv`, `.ndjson`, `.jsonl`, `.json` or `.xml` (each also `.gz`), or in
    `.parquet`. Only new and changed files are read; a changed one needs a `key`."""


AnySource = Annotated[SqlSource | RestSource | FilesSource, Field(discriminator="type")]
