"""A small use case of one source, and the way to take and append its batches."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from evergreen import ingest
from evergreen.artifacts import BatchRef
from evergreen.connections import Connection
from evergreen.hashing import file_sha256
from evergreen.spec import UseCase, parse_use_case

NOW = datetime(2013, 3, 1, 2, tzinfo=UTC)
KEY = b"a key of the instance"


def use_case_with(source: Mapping[str, Any], **more: Any) -> UseCase:
    """A use case whose base is `source`, with key `id` and target `y`."""
    spec = {"name": "demo", "task": "regression", "key": ["id"], "target": {"column": "y"}}
    return parse_use_case(yaml.safe_dump({**spec, "sources": {"rows": {"key": ["id"], **source}}, **more}))


@dataclass
class Place:
    """A landing folder, a use case's folder and staging, and what has been taken so far."""

    root: Path
    cursor: dict[str, Any] | None = None
    columns: dict[str, str] | None = None
    parts: list[Path] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def extract(self, use_case: UseCase, source: str = "rows", **more: Any) -> BatchRef:
        settings: dict[str, Any] = {
            "as_of": NOW,
            "cursor": self.cursor,
            "columns": self.columns,
            "connect": lambda name: Connection(name, ""),
            "landing": self.landing,
            "folder": self.root,
            "into": self.root / "staging",
            "pseudonym_key": KEY,
            "sleep": self.pauses.append,
        }
        return ingest.extract(use_case, source, **(settings | more))

    def take(self, use_case: UseCase, source: str = "rows", **more: Any) -> BatchRef:
        """Extract, and remember cursor and columns as a published version would."""
        batch = self.extract(use_case, source, **more)
        self.cursor = batch.cursor
        self.columns = {**(self.columns or {}), **batch.columns}
        return batch

    def batch(self, rows: Sequence[Mapping[str, Any]] | pl.DataFrame, day: int = 0, source: str = "rows") -> BatchRef:
        """A batch of these rows, taken `day` days from now."""
        frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows, infer_schema_length=None)
        name = hashlib.sha256(f"{day}{frame.rows()}".encode()).hexdigest()[:32]
        path = self.root / f"{name}.parquet"
        frame.write_parquet(path)
        return BatchRef(
            use_case="demo",
            source=source,
            batch=name,
            path=path,
            sha256=file_sha256(path),
            rows=frame.height,
            data_time=NOW + timedelta(days=day),
            cursor={},
            columns={},
        )

    def append(self, use_case: UseCase, batch: BatchRef, **more: Any) -> ingest.Appended:
        """Append, and remember the part."""
        appended = ingest.append(use_case, batch.source, batch, self.parts, self.root / "staging", **more)
        if appended.path is not None:
            self.parts.append(appended.path)
        return appended

    def state(self) -> pl.DataFrame:
        return pl.concat([pl.read_parquet(path) for path in self.parts], how="diagonal_relaxed")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.landing.mkdir()
    return made


@pytest.fixture
def use_case() -> Callable[..., UseCase]:
    return use_case_with


@pytest.fixture
def new_place(tmp_path: Path) -> Callable[[], Place]:
    """Places of their own, as many as wanted."""
    count = iter(range(1_000_000))

    def make() -> Place:
        root = tmp_path / f"place{next(count)}"
        (root / "landing").mkdir(parents=True)
        return Place(root)

    return make


def rows_of(batch: BatchRef) -> list[dict[str, Any]]:
    return pl.read_parquet(batch.path).to_dicts()


@pytest.fixture
def read() -> Callable[[BatchRef], list[dict[str, Any]]]:
    return rows_of


@pytest.fixture
def broken() -> Callable[[BatchRef], list[tuple[Any, ...]]]:
    def rows(batch: BatchRef) -> list[tuple[Any, ...]]:
        return [] if batch.broken_path is None else pl.read_parquet(batch.broken_path).rows()

    return rows
