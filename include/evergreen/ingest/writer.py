"""Write a batch's rows to Parquet as they come, with the hash that identifies its content."""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl

from evergreen.artifacts import JsonObject
from evergreen.errors import TransientError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_ROW_GROUP = 262_144


class BatchWriter:
    """Writes frames of one schema under each other. Only the frame at hand is in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None
        self._schema: dict[str, pl.DataType] = {}
        self._sums = [0, 0]
        self.rows = 0

    def write(self, frame: pl.DataFrame) -> None:
        """Append the frame's rows. Raises TransientError when the disk is full."""
        import pyarrow.parquet as pq

        self._count(frame)
        with told_when_full(self._path):
            table = frame.to_arrow()
            if self._writer is None:
                self._schema = dict(frame.schema)
                self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd", write_statistics=True)
            self._writer.write_table(table, row_group_size=_ROW_GROUP)

    def close(self) -> None:
        """Finish the file. Raises TransientError when the disk is full."""
        if self._writer is not None:
            with told_when_full(self._path):
                self._writer.close()

    def abandon(self) -> None:
        """Let go of the file, finished or not."""
        if self._writer is not None and self._writer.is_open:
            with suppress(OSError):
                self._writer.close()

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column to type of what was written."""
        return self._schema

    def identity(self, source: str, cursor: JsonObject) -> str:
        """The batch's identity: source, rows in any order, and the cursor after. 32 hex digits."""
        content = [source, self.rows, self._sums, sorted(self._schema), cursor]
        return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()

    def _count(self, frame: pl.DataFrame) -> None:
        # Sums of two independent row hashes: any order of rows and any cut into frames gives the same, in no memory.
        # Polars keeps its hashes for one version of itself; after an upgrade a batch that is taken again has another
        # name, and `append` finds all of its rows there already.
        self.rows += frame.height
        if frame.width and frame.height:
            by_name = frame.select(sorted(frame.columns))
            for n, seed in enumerate((0, 0x9E3779B97F4A7C15)):
                self._sums[n] = (self._sums[n] + _sum(by_name.hash_rows(seed=seed))) % 2**64


def _sum(hashes: pl.Series) -> int:
    high, low = hashes // 2**32, hashes % 2**32
    return int(high.sum()) * 2**32 + int(low.sum())


@contextmanager
def told_when_full(path: Path) -> Iterator[None]:
    """Turn a full disk into a TransientError that says where, and take the unfinished file away."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        number = error.errno if isinstance(error, OSError) else _os_error(error)
        if number not in _FULL:
            raise
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise TransientError(f"no space left for {path.name} in {path.parent}: make room and run again") from None


def _os_error(error: pl.exceptions.ComputeError) -> int | None:
    """Polars tells the number of a failed system call in its text only."""
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else None
