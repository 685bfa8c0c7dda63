"""Promises 2 and 3, against an oracle in plain Python over many small random histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.examples import examples
from tests.unit.prepare.history import History, use_case_of
from tests.unit.prepare.oracle import expected

from evergreen.prepare import Prepared, prepare
from evergreen.table import AVAILABLE_AT, own_columns

NIGHTS = 5


def full(history: History, as_of: datetime, into: Path) -> dict[str, Path]:
    made = prepare(
        history.use_case, sources=history.parts, new=history.parts, table={}, quarantine={}, as_of=as_of,
        parent_as_of=None, into=into,
    )  # fmt: skip
    return made.changed


def rows_of(files: dict[str, Path]) -> dict[int, dict[str, Any]]:
    rows = {}
    for tree_path, path in files.items():
        for row in pl.read_parquet(path).to_dicts():
            assert row["id"] not in rows
            rows[row["id"]] = row | {"partition": Path(tree_path).stem}
    return rows


def applied(table: dict[str, Path], made: Prepared) -> dict[str, Path]:
    after = {**table, **made.changed}
    return {path: file for path, file in after.items() if path not in made.removed}


@pytest.mark.parametrize("seed", range(examples(8)))
def test_promise_2_rows_come_together_by_time_and_key_as_the_oracle_says(seed: int, tmp_path: Path) -> None:
    history = History(use_case_of(seed), tmp_path, seed)
    for number in range(NIGHTS):
        as_of, _ = history.grow(number)
    found = rows_of(full(history, as_of, tmp_path / "out"))
    wanted = expected(history, as_of)
    assert found.keys() == wanted.keys()
    for key, row in wanted.items():
        absent = row.keys() - found[key].keys()
        assert all(row.pop(name) is None for name in absent)  # columns of a source that has brought nothing yet
        assert {name: value for name, value in found[key].items() if name != "_row"} == row


@pytest.mark.parametrize("seed", range(examples(4)))
def test_promise_2_night_by_night_is_the_same_to_the_byte_as_all_at_once(seed: int, tmp_path: Path) -> None:
    history = History(use_case_of(seed), tmp_path, seed)
    table: dict[str, Path] = {}
    before: datetime | None = None
    for number in range(NIGHTS + 1):
        as_of, new = history.grow(number)
        made = prepare(
            history.use_case, sources=history.parts, new=new, table=table, quarantine={}, as_of=as_of,
            parent_as_of=before, into=tmp_path / f"night{number}",
        )  # fmt: skip
        for tree_path, path in made.changed.items():
            assert tree_path not in table or path.read_bytes() != table[tree_path].read_bytes(), "nothing changed in it"
        assert set(made.removed) <= set(table)
        table, before = applied(table, made), as_of
        whole = full(history, as_of, tmp_path / f"whole{number}")
        assert table.keys() == whole.keys()
        for tree_path, path in whole.items():
            assert path.read_bytes() == table[tree_path].read_bytes(), tree_path


@pytest.mark.parametrize("seed", [seed for seed in range(examples(5)) if use_case_of(seed).predict is not None])
def test_promise_3_no_row_knows_what_became_available_after_its_cutoff(seed: int, tmp_path: Path) -> None:
    history = History(use_case_of(seed), tmp_path, seed)
    for number in range(NIGHTS):
        as_of, _ = history.grow(number)
    rows = rows_of(full(history, as_of, tmp_path / "out"))
    features = [n for n in own_columns(next(iter(rows.values()))) if n not in ("late", "size", "opened", "partition")]
    checked = 0
    for cutoff in sorted({row["_cutoff"] for row in rows.values()})[-6:]:
        past = replace(history, folder=tmp_path / f"{cutoff:%Y%m%d%H%M}", parts={})
        for source, parts in history.parts.items():
            kept = []
            for part in parts:
                seen = pl.read_parquet(part)
                seen = seen if source == "shops" else seen.filter(pl.col(AVAILABLE_AT) <= cutoff)
                path = past.folder / source / part.name
                path.parent.mkdir(parents=True, exist_ok=True)
                seen.write_parquet(path)
                kept.append(path)
            past.parts[source] = kept
        then = rows_of(full(past, as_of, past.folder / "out"))
        for key, row in rows.items():
            if row["_cutoff"] != cutoff or row["_late"]:
                continue
            # a correction that came later may move when the row is predicted for; then its cutoff moved with it
            if key in then and then[key]["_cutoff"] == cutoff:
                checked += 1
                assert {n: row[n] for n in features} == {n: then[key][n] for n in features}
                assert row["_row"] == then[key]["_row"] or row["size"] != then[key]["size"]
    assert checked or all(row["_late"] for row in rows.values())
