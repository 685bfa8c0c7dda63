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
    delay: Duration | None = None


class Incremental(Section):
    """Read only rows whose `by` is at or after the last one seen, minus `lookback` (for rows that come late)."""

    by: str
    lookback: Duration | None = None


class Source(Section):
    """What all sources share. Without a key, rows are append-only."""

    key: tuple[str, ...] = ()
    order_by: str | None = None
    available_at: AvailableAt | None = None
    role: Literal["data", "outcome"] = "data"
    personal: dict[str, Anonymiser] = Field(default_factory=dict)
    types: dict[str, ColumnType] = Field(default_factory=dict)


class SqlSource(Source):
    """A table or a query of a SQL database."""

    type: Literal["sql"]
    connection: Name
    table: str | None = None
    query: str | None = None
    incremental: Incremental | None = None


class RestSource(Source):
    """A JSON endpoint of an HTTP API."""

    type: Literal["rest"]
    connection: Name
    endpoint: str
    params: dict[str, str | int | float | bool] = Field(default_factory=dict)
    records: str = "data"
    """Key of the answer that holds the list of rows."""
    paginate: Literal["cursor", "none"] = "none"
    incremental: Incremental | None = None
    page_size: int = Field(default=500, ge=1, le=10_000)


class FilesSource(Source):
    """Files that arrive in a folder: CSV, NDJSON, JSON, XML (each plain or gzip) or Parquet, told by their names."""

    type: Literal["files"]
    path: str
    """A glob; `{landing}` stands for the instance's landing folder, `{use_case}` for the use case's own folder."""


AnySource = Annotated[SqlSource | RestSource | FilesSource, Field(discriminator="type")]
