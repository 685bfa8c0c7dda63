"""Files as people have them."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from evergreen.tabular.errors import UnreadableRows
from evergreen.tabular.read import read_file


def read(folder: Path, name: str, content: str | bytes) -> pl.DataFrame:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "a,b\n1,x\n2,y\n"),
        ("a.CSV", "\ufeffa,b\r\n1,x\r\n\r\n2,y"),
        ("a.csv", 'a;b\n1;x\n2;"y"\n'),
        ("a.tsv", "a\tb\n1\tx\n2\ty\n"),
        ("a.txt", "a|b\n1|x\n2|y\n"),
        ("a.csv", "a,b\n1,x\n2,y\n".encode("utf-16")),
        ("a.csv.gz", gzip.compress(b"a,b\n1,x\n2,y\n", mtime=0)),
        ("a.json", '[{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]'),
        ("a.json", '{"data": [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}], "next": null}'),
        ("a.json", '{"a": ["1", "2"], "b": ["x", "y"]}'),
        ("a.json", '{"a": {"0": "1", "1": "2"}, "b": {"0": "x", "1": "y"}}'),
        ("a.json", '{"columns": ["a", "b"], "index": [0, 1], "data": [["1", "x"], ["2", "y"]]}'),
        ("a.json", '{"a": "1", "b": "x"}\n{"a": "2", "b": "y"}\n'),
        ("a.ndjson", '{"a": "1", "b": "x"}\n{"b": "y", "a": "2"}\n'),
        ("a.jsonl.gz", gzip.compress(b'{"a": "1", "b": "x"}\n{"a": 2, "b": "y"}\n', mtime=0)),
    ],
)
def test_the_same_rows_however_they_are_written(name: str, content: str | bytes, tmp_path: Path) -> None:
    assert read(tmp_path, name, content).to_dict(as_series=False) == {"a": ["1", "2"], "b": ["x", "y"]}


def test_parquet_keeps_its_types_and_records_become_columns(tmp_path: Path) -> None:
    rows = pl.DataFrame({"n": [1, 2], "where": [{"city": "Graz", "geo": {"lat": 47.1}}, None], "_own": ["x", "y"]})
    rows.write_parquet(tmp_path / "a.parquet")
    assert read_file(tmp_path / "a.parquet").to_dict(as_series=False) == {
        "n": [1, 2],
        "column_own": ["x", "y"],
        "where.city": ["Graz", None],
        "where.geo.lat": [47.1, None],
    }


def test_duplicate_and_missing_column_names(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", "a,a,,_b,a_2\n1,2,3,4,5\n").columns == ["a", "a_3", "column_3", "column_b", "a_2"]
    assert read(tmp_path, "a.csv", "1,2\n3,4\n").rows() == [("1", "2"), ("3", "4")]
    assert read(tmp_path, "a.csv", 'a,b\n"r1",1,2\n"r2",3,4\n').columns == ["row_names", "a", "b"]


def test_lines_that_are_too_long_or_too_short(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", "a,b\n1,2\n1\n1,2,3,4\n").rows() == [("1", "2"), ("1", None), ("1", "2")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", "x", r"of no known kind.*\.csv, \.tsv"),
        ("a.csv", "", "holds no rows"),
        ("a.csv", "a,b\n", "holds no rows"),
        ("a.parquet", "PAR1 and no more", "is no PARQUET file"),
        ("a.json", "[1, 2]", "is no JSON file"),
        ("a.json", '[{"a": 1}', "is no JSON file"),
        ("a.ndjson", '{"a": 1}\nnothing\n', "is no NDJSON file"),
        ("a.csv.gz", "no gzip", "damaged or cut off"),
    ],
)
def test_what_is_no_file_of_rows_is_said_in_a_sentence(name: str, content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableRows, match=said):
        read(tmp_path, name, content)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRows, match="there is no such file"):
        read_file(tmp_path / "a.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UnreadableRows, match="can't be read"):
        read_file(tmp_path / "folder.csv")
