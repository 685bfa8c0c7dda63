"""Take the new rows of one source into a batch: read, check the columns, anonymise, write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.artifacts import BatchRef, JsonObject
from evergreen.connections import Resolver
from evergreen.hashing import file_sha256
from evergreen.ingest.anonymise import anonymise
from evergreen.ingest.errors import SchemaChanged, quoted
from evergreen.ingest.files import FilesReader
from evergreen.ingest.named import missing_columns
from evergreen.ingest.request import Reader, Request
from evergreen.ingest.rest import RestReader
from evergreen.ingest.sql import SqlReader
from evergreen.ingest.types import known_types, type_names
from evergreen.ingest.writer import BatchWriter, told_when_full

if TYPE_CHECKING:
    from evergreen.spec import UseCase

READERS: Mapping[str, Callable[[Request, Any], Reader]] = {"sql": SqlReader, "rest": RestReader, "files": FilesReader}
"""A source type's name in the YAML to the class that reads it."""


def extract(
    use_case: UseCase,
    source: str,
    *,
    as_of: datetime,
    cursor: JsonObject | None,
    columns: Mapping[str, str] | None,
    connect: Resolver,
    landing: Path,
    folder: Path,
    into: Path,
    until: datetime | None = None,
    pseudonym_key: bytes | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> BatchRef:
    """The rows of `source` that are new since `cursor` and existed at `as_of`, as a Parquet file in `into`.

    `columns` are the source's known columns and Polars types (the manifest's schema); `until` ends the window earlier
    than `as_of`; `folder` is the use case's own; `pseudonym_key` the instance's key for pseudonyms. Without new rows
    the batch has none. Broken lines lie beside the rows as `file, line, reason`. Personal columns are anonymised in
    memory, before anything is written. Raises TransientError (source down, disk full) and PermanentError (refused,
    unreadable, SchemaChanged), with the source's name in front.
    """
    as_of = _utc(as_of)
    request = Request(
        use_case=use_case,
        source=source,
        until=min(as_of, _utc(until)) if until is not None else as_of,
        cursor=cursor,
        known=known_types(columns),
        connect=connect,
        landing=landing,
        folder=folder,
        sleep=sleep,
    )
    reader = reader_of(request)
    with told_when_full(into):
        into.mkdir(parents=True, exist_ok=True)
    part = into / f"{source}.unfinished"
    writer = BatchWriter(part)
    try:
        with closing(reader.frames()) as frames:
            for frame in _checked(frames, request):
                writer.write(anonymise(frame, use_case.sources[source].personal, pseudonym_key))
        if writer.rows == 0 and not writer.schema:
            known = known_types(columns)
            writer.write(pl.DataFrame(schema=known))
        writer.close()
        batch = writer.identity(source, reader.cursor)
        path = into / f"{source}-{batch[:12]}.parquet"
        part.replace(path)
    finally:
        writer.abandon()
        part.unlink(missing_ok=True)
    broken = reader.broken
    broken_path = into / f"{source}-{batch[:12]}.broken.parquet" if broken.height else None
    if broken_path is not None:
        with told_when_full(broken_path):
            broken.write_parquet(broken_path, compression="zstd")
    return BatchRef(
        use_case=use_case.name,
        source=source,
        batch=batch,
        path=path,
        sha256=file_sha256(path),
        rows=writer.rows,
        broken=broken.height,
        broken_path=broken_path,
        data_time=as_of,
        cursor=reader.cursor,
        columns=type_names(writer.schema),
    )


def reader_of(request: Request) -> Reader:
    """The reader for the request's source."""
    spec = request.use_case.sources[request.source]
    return READERS[spec.type](request, spec)


def _checked(frames: Iterable[pl.DataFrame], request: Request) -> Iterator[pl.DataFrame]:
    """The frames, once the first one has shown every column the use case names. Raises SchemaChanged."""
    personal = request.use_case.sources[request.source].personal
    first = True
    for frame in frames:
        if first:
            missing = missing_columns(request.use_case, request.source, frame.columns)
            if missing:
                raise SchemaChanged(f"{missing[0]}. Repair the source, or name the column it has now in the YAML")
            ours = [name for name in frame.columns if name.startswith("_") and personal.get(name) != "drop"]
            if ours:
                raise SchemaChanged(
                    f"{request.where}: names that begin with `_` are kept for Evergreen's own columns, and the source "
                    f"has {quoted(ours)}. Rename them there, or leave them out with `personal: {{{ours[0]}: drop}}`"
                )
            first = False
        yield frame


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
