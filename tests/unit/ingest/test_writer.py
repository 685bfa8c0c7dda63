from __future__ import annotations

import contextlib
import os
import resource

import polars as pl
import pytest

from evergreen.errors import TransientError
from evergreen.ingest.writer import BatchWriter

ROWS = pl.DataFrame({"id": ["a", "b", "c", "c"], "y": [1.0, None, 3.0, 3.0]})


def identity(tmp_path, *frames: pl.DataFrame, source="rows", cursor=None) -> str:
    writer = BatchWriter(tmp_path / "batch.parquet")
    for frame in frames:
        writer.write(frame)
    writer.close()
    return writer.identity(source, cursor or {})


def test_a_batch_is_its_rows_in_any_order_and_any_pieces(tmp_path):
    whole = identity(tmp_path, ROWS)
    assert identity(tmp_path, ROWS.reverse()) == whole
    assert identity(tmp_path, ROWS[:1], ROWS[1:]) == whole
    assert identity(tmp_path, ROWS.select("y", "id")) == whole


def test_another_row_source_or_cursor_is_another_batch(tmp_path):
    others = [
        identity(tmp_path, ROWS.unique()),
        identity(tmp_path, ROWS.with_columns(pl.col("y") + 1)),
        identity(tmp_path, ROWS, source="others"),
        identity(tmp_path, ROWS, cursor={"by": 1}),
        identity(tmp_path, ROWS),
    ]
    assert len(set(others)) == len(others)


@contextlib.contextmanager
def no_file_above(size: int):
    """As a full disk: writing beyond `size` bytes of a file fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def noise(rows: int) -> str:
    return "id,y\n" + "\n".join(f"{os.urandom(16).hex()},1" for _ in range(rows)) + "\n"


def test_a_full_disk_in_extract_is_transient_and_leaves_nothing_behind(place, use_case):
    place.put("a.csv", noise(2000))
    with no_file_above(10_000), pytest.raises(TransientError, match=r"no space left for rows\.unfinished .* make room"):
        place.take(use_case({"type": "files", "path": "{landing}/*.csv"}))
    assert list((place.root / "staging").iterdir()) == []
    assert place.take(use_case({"type": "files", "path": "{landing}/*.csv"})).rows == 2000


def test_a_full_disk_in_append_is_transient(place, use_case):
    case = use_case({"type": "files", "path": "{landing}/*.csv"})
    place.put("a.csv", noise(2000))
    batch = place.take(case)
    with no_file_above(10_000), pytest.raises(TransientError, match="no space left for 20130301T020000Z"):
        place.append(case, batch)
    assert place.append(case, batch).new == 2000
