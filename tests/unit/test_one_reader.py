"""Parquet is read in one file, and the paths of a version's tree stand in one file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from evergreen.artifacts import BatchRef
from evergreen.hashing import FileChanged, file_sha256
from evergreen.parquet import count_rows, read_checked, scan_parts
from evergreen.parts import Parts, broken_path, quarantine_path, source_path, table_path

LIBRARY = Path(__file__).parents[2] / "include" / "evergreen"
READER, PATHS = LIBRARY / "parquet.py", LIBRARY / "parts.py"
READS = ("read_parquet", "read_parquet_schema", "scan_parquet")
PREFIXES = ("table/", "sources/", "quarantine/")


def docstrings(tree: ast.AST) -> Iterator[ast.expr]:
    """Every text that stands alone as a statement, as docstrings do."""
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))


def strays(source: str) -> list[str]:
    """What in a file's code reads Parquet or begins a tree path, a line each."""
    tree = ast.parse(source)
    told = {id(text) for text in docstrings(tree)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in READS:
            found.append(f"{node.lineno}: {node.attr}")
        if isinstance(node, ast.Constant) and id(node) not in told and str(node.value).startswith(PREFIXES):
            found.append(f"{node.lineno}: {node.value}")
    return sorted(found)


def test_nobody_else_reads_parquet_or_knows_tree_paths() -> None:
    # an error message shows a path as an example
    allowed = {READER, PATHS, LIBRARY / "versions" / "names.py"}
    found = {
        f"{path.relative_to(LIBRARY)}:{stray}"
        for path in sorted(LIBRARY.rglob("*.py"))
        if path not in allowed
        for stray in strays(path.read_text(encoding="utf-8"))
    }
    assert not found


def test_a_stray_reader_is_seen() -> None:
    assert strays('"""`table/` is told of."""\npl.scan_parquet(path)\nfiles(f"sources/{name}/")\nx = "table/"\n') == [
        "2: scan_parquet",
        "3: sources/",
        "4: table/",
    ]


def test_the_parts_of_a_version_are_lazy_frames_in_order(tmp_path: Path) -> None:
    first, second = pl.DataFrame({"id": [1, 2]}), pl.DataFrame({"id": [3], "late": [True]})
    files = {table_path("day=1"): first, table_path("day=2"): second, quarantine_path("day=1"): first.head(1)}
    files |= {source_path(batch("a")): first, source_path(batch("ab")): second, broken_path(batch("a")): second}
    parts = Parts.of({name: written(rows, tmp_path / f"{n}.parquet") for n, (name, rows) in enumerate(files.items())})
    expected = pl.DataFrame({"id": [1, 2, 3], "late": [None, None, True]})
    assert_frame_equal(parts.table().collect(), expected)
    assert_frame_equal(parts.source("a").collect(), first)
    assert_frame_equal(parts.quarantine().collect(), first.head(1))
    assert list(parts.broken_files()) == ["quarantine/sources/a/20240301T000000Z-0123456789ab.parquet"]
    assert count_rows(parts.table_files().values()) == 3


def test_a_part_without_files_is_a_frame_without_columns() -> None:
    parts = Parts.of({})
    for frame in (parts.table(), parts.source("a"), parts.quarantine(), scan_parts([])):
        assert frame.collect().shape == (0, 0)


def test_a_changed_or_missing_file_is_refused(tmp_path: Path) -> None:
    rows = pl.DataFrame({"id": [1, 2]})
    path = written(rows, tmp_path / "train.parquet")
    sha256 = file_sha256(path)
    assert_frame_equal(read_checked(path, sha256), rows)
    written(rows.reverse(), path)
    with pytest.raises(FileChanged, match=r"`train\.parquet`"):
        read_checked(path, sha256)
    path.unlink()
    with pytest.raises(FileChanged, match="Start the training again"):
        read_checked(path, sha256)


def written(rows: pl.DataFrame, path: Path) -> Path:
    rows.write_parquet(path)
    return path


def batch(source: str) -> BatchRef:
    return BatchRef(
        use_case="trips", source=source, batch="0123456789abcdef", path=Path("x"), sha256="", rows=1,
        data_time=datetime(2024, 3, 1, tzinfo=UTC), cursor={}, columns={},
    )  # fmt: skip
