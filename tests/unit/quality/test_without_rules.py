"""A use case without expectations: every row is good, and nothing is judged or written."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from evergreen.partitions import write_rows
from evergreen.quality import check, validate
from evergreen.spec import parse_use_case

DAY = "table/day=2024-03-01.parquet"


def test_without_expectations_every_row_is_good(tmp_path: Path) -> None:
    case = parse_use_case(
        "{name: trips, task: binary, key: [id], event_time: due, target: {column: late}, "
        "sources: {trips: {type: files, path: x, key: [id]}}}"
    )
    rows = pl.DataFrame({"id": [1, 2], "temp": [None, 99.0], "late": [True, False], "_provisional": [False, False]})
    write_rows(rows, tmp_path / "day.parquet")
    touched = pl.DataFrame({"_key": ["1", "2"], "partition": [Path(DAY).stem] * 2})
    assert check(case) == []
    found = validate(case, {DAY: tmp_path / "day.parquet"}, touched, table={}, quarantine={}, into=tmp_path / "out")
    assert (found.failed, found.quarantine, found.removed, found.reasons) == (0, {}, (), {})
    assert pl.read_parquet(found.good[DAY])["id"].to_list() == [1, 2]
