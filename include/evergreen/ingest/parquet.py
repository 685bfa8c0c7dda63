"""Parquet files: typed columns. What is nested is kept as JSON text, as it is in the other formats."""

from __future__ import annotations

import io
from typing import Any

import polars as pl

from evergreen.ingest.parsed import Parsed, Unreadable
from evergreen.ingest.records import text_of


def parse_parquet(content: bytes) -> Parsed:
    """The rows of a Parquet file; a row's line is its number. Raises Unreadable."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Arrow's reader and names and values alone, since Polars panics on some damaged files instead of raising.
        table = pq.read_table(io.BytesIO(content), use_threads=False, page_checksum_verification=True)
        table.validate(full=True)
        flat = [_as_text(column) if pa.types.is_nested(column.type) else column for column in table.columns]
        frame = pl.DataFrame(pa.table(flat, names=table.column_names))
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError):
        raise Unreadable("is not a Parquet file, or cut off or damaged") from None
    return Parsed(frame, list(range(1, frame.height + 1)))


def _as_text(column: Any) -> Any:
    import pyarrow as pa

    return pa.chunked_array(
        [pa.array(map(text_of, chunk.to_pylist()), pa.string()) for chunk in column.chunks], pa.string()
    )
