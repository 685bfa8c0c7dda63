"""The parts of a version: its table, its sources, its quarantine. Who wants their rows asks here, not for paths.

| tree path | holds |
|---|---|
| `table/<partition>.parquet` | good rows, one file a day or bucket |
| `quarantine/table/<partition>.parquet` | rows that broke a rule, each with `_reasons` |
| `sources/<source>/<data time>-<batch>.parquet` | the row versions that a batch brought |
| `quarantine/sources/<source>/<data time>-<batch>.parquet` | lines of files that could not be read |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from evergreen.artifacts import BatchRef

TABLE, QUARANTINE, SOURCES, BROKEN = "table/", "quarantine/table/", "sources/", "quarantine/sources/"


@dataclass(frozen=True, slots=True)
class Parts:
    """A version's parts. `table`, `source` and `quarantine` give lazy frames: nothing is read before `collect`.

    A part without files gives a frame without columns. `files` gives tree path → file under a prefix; of a published
    version it checks each file's bytes and fetches what is missing.
    """

    files: Callable[[str], Mapping[str, Path]]

    @classmethod
    def of(cls, files: Mapping[str, Path]) -> Parts:
        """The parts that lie in these files, by tree path."""
        return cls(lambda prefix: {name: path for name, path in files.items() if name.startswith(prefix)})

    def table(self) -> pl.LazyFrame:
        """The table's rows."""
        return _scanned(self.table_files())

    def source(self, name: str) -> pl.LazyFrame:
        """Every row version that is known of a source."""
        return _scanned(self.source_files(name))

    def quarantine(self) -> pl.LazyFrame:
        """The rows that broke a rule, with `_reasons`."""
        return _scanned(self.quarantine_files())

    def table_files(self) -> dict[str, Path]:
        """The table's partition files by tree path."""
        return dict(self.files(TABLE))

    def source_files(self, name: str) -> dict[str, Path]:
        """A source's files by tree path, one a batch."""
        return dict(self.files(f"{SOURCES}{name}/"))

    def quarantine_files(self) -> dict[str, Path]:
        """The quarantine's partition files by tree path."""
        return dict(self.files(QUARANTINE))

    def broken_files(self) -> dict[str, Path]:
        """Files about lines that could not be read, by tree path."""
        return dict(self.files(BROKEN))


def _scanned(files: Mapping[str, Path]) -> pl.LazyFrame:
    from evergreen.parquet import scan_parts  # a DAG's parse does not pay for Polars

    return scan_parts(files.values())


def table_path(partition: str) -> str:
    """`day=2013-01-01` → `table/day=2013-01-01.parquet`."""
    return f"{TABLE}{partition}.parquet"


def quarantine_path(partition: str) -> str:
    """`day=2013-01-01` → `quarantine/table/day=2013-01-01.parquet`."""
    return f"{QUARANTINE}{partition}.parquet"


def source_path(batch: BatchRef) -> str:
    """Where a batch's new row versions lie: `sources/<source>/<data time>-<batch>.parquet`."""
    return f"{SOURCES}{_file_of(batch)}"


def broken_path(batch: BatchRef) -> str:
    """Where it is kept which lines of a batch could not be read."""
    return f"{BROKEN}{_file_of(batch)}"


def _file_of(batch: BatchRef) -> str:
    return f"{batch.source}/{batch.data_time:%Y%m%dT%H%M%SZ}-{batch.batch[:12]}.parquet"
