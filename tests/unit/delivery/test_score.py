"""Batch scoring and replay: which rows, by which release, and the same again when run again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.unit.delivery.fakes import NOW, Threshold, release, use_case

from evergreen.artifacts import Release
from evergreen.delivery.replay import replay
from evergreen.delivery.score import score
from evergreen.parquet import scan_parts
from evergreen.predictions import COLUMNS
from evergreen.spec import UseCase
from evergreen.table import AT, CUTOFF, KNOWN_AT, LATE, PROVISIONAL, ROW, TIME

T0 = datetime(2013, 3, 1, 2, tzinfo=UTC)
CASE = use_case(event_time="at", predict={"at": "at", "lead": "2h"})


def table(folder: Path, **changes: list[Any]) -> list[Path]:
    """Six rows, six hours apart, the first two before T0; two files."""
    at = [T0 + timedelta(hours=6 * number - 12) for number in range(6)]
    frame = pl.DataFrame(
        {
            "id": list(range(6)),
            "at": at,
            "carrier": ["AA"] * 6,
            "distance": [100.0] * 6,
            "late": [True, False, None, None, None, None],
            AT: at,
            CUTOFF: [moment - timedelta(hours=2) for moment in at],
            PROVISIONAL: [False] * 6,
            LATE: [False] * 6,
            KNOWN_AT: [T0, T0, None, None, None, None],
            ROW: [f"hash{number}" for number in range(6)],
            **changes,
        },
        schema_overrides={"at": TIME, AT: TIME, CUTOFF: TIME, KNOWN_AT: TIME},
    )
    paths = [folder / "a.parquet", folder / "b.parquet"]
    frame.head(3).write_parquet(paths[0])
    frame.tail(3).write_parquet(paths[1])
    return paths


@pytest.fixture
def first(tmp_path: Path) -> Release:
    return release(tmp_path / "store", 1, 50.0)


def scored(paths: list[Path], by: Release, case: UseCase = CASE, **options: Any) -> pl.DataFrame:
    return score(
        case, scan_parts(paths), Threshold(50.0), release=by, dataset_version=4, as_of=T0, made_at=NOW, **options
    )


def test_upcoming_rows_lie_after_the_data_time(tmp_path: Path, first: Release) -> None:
    frame = scored(table(tmp_path), first)
    assert frame["key"].to_list() == ["3", "4", "5"]
    assert frame.schema == pl.Schema(COLUMNS)
    row = frame.row(0, named=True)
    assert (row["at"], row["data_time"], row["made_at"]) == (T0 + timedelta(hours=6), T0, NOW)
    assert (row["features_hash"], row["kind"], row["prediction"]) == ("hash3", "batch", "true")
    assert (row["release"], row["model_version"], row["dataset_version"]) == (1, 1, 4)


def test_promise_3_provisional_and_late_rows_are_not_scored(tmp_path: Path, first: Release) -> None:
    paths = table(
        tmp_path, **{PROVISIONAL: [False] * 4 + [True, False], LATE: [True, False, False, False, False, True]}
    )
    assert scored(paths, first)["key"].to_list() == ["3"]
    assert scored(paths, first, rows="all")["key"].to_list() == ["1", "2", "3"]


def test_what_was_scored_is_not_scored_again_and_ids_stay(tmp_path: Path, first: Release) -> None:
    paths = table(tmp_path)
    frame = scored(paths, first)
    assert scored(paths, first)["prediction_id"].to_list() == frame["prediction_id"].to_list()
    assert scored(paths, first, already={"3", "5"})["key"].to_list() == ["4"]
    assert scored(paths, first, already={"3", "4", "5"}).schema == pl.Schema(COLUMNS)
    second = release(tmp_path / "store", 2, 50.0)
    assert set(scored(paths, second)["prediction_id"]).isdisjoint(frame["prediction_id"])


def test_no_rows_make_no_predictions(tmp_path: Path, first: Release) -> None:
    assert scored([], first).is_empty()


def test_replay_uses_the_release_that_was_active_at_the_cutoff(tmp_path: Path, first: Release) -> None:
    second = release(tmp_path / "store", 2, 500.0)
    known = [T0] * 6
    paths = table(tmp_path, **{KNOWN_AT: known, "late": [True] * 6})
    cutoffs = pl.concat([pl.read_parquet(path) for path in paths])[CUTOFF].to_list()

    def replayed(already: set[str], as_of: datetime = T0 + timedelta(days=9)) -> pl.DataFrame:
        return replay(
            CASE,
            scan_parts(paths),
            activations=[(cutoffs[1], 1), (cutoffs[3], 2), (cutoffs[5], 3)],
            releases={1: first, 2: second},
            load=lambda one: {1: Threshold(50.0), 2: Threshold(500.0)}[one.number],
            dataset_version=4,
            as_of=as_of,
            made_at=NOW,
            already=already,
        )

    frame = replayed(set())
    # row 0 lies before the first activation, row 5 belongs to a release that was not handed in
    assert frame.select("key", "release", "prediction", "kind").rows() == [
        ("1", 1, "true", "replayed"),
        ("2", 1, "true", "replayed"),
        ("3", 2, "false", "replayed"),
        ("4", 2, "false", "replayed"),
    ]
    assert frame["data_time"].to_list() == cutoffs[1:5]
    assert replayed({"1", "4"})["key"].to_list() == ["2", "3"]
    assert replayed(set(), as_of=T0 - timedelta(seconds=1)).is_empty()
    assert frame.schema == pl.Schema(COLUMNS)


def test_replay_loads_the_models_that_have_rows_and_leaves_alone_rows_without_a_model(
    tmp_path: Path, first: Release
) -> None:
    second, third = (release(tmp_path / "store", number, 50.0) for number in (2, 3))
    paths = table(tmp_path, **{KNOWN_AT: [T0] * 6, "late": [True] * 6})
    cutoffs = pl.concat([pl.read_parquet(path) for path in paths])[CUTOFF].to_list()
    asked = []

    def load(one: Release) -> Threshold | None:
        asked.append(one.number)
        return Threshold(50.0) if one.number == 2 else None

    frame = replay(
        CASE,
        scan_parts(paths),
        activations=[(cutoffs[0] - timedelta(days=1), 3), (cutoffs[0], 1), (cutoffs[3], 2)],
        releases={1: first, 2: second, 3: third},
        load=load,
        dataset_version=4,
        as_of=T0 + timedelta(days=9),
        made_at=NOW,
        already={"5"},
    )
    assert asked == [1, 2], "nothing is to be said by release 3"
    assert frame.select("key", "release").rows() == [("3", 2), ("4", 2)]


def test_replay_after_a_rollback_uses_the_release_gone_back_to(tmp_path: Path, first: Release) -> None:
    second = release(tmp_path / "store", 2, 500.0)
    paths = table(tmp_path, **{KNOWN_AT: [T0] * 6, "late": [True] * 6})
    cutoffs = pl.concat([pl.read_parquet(path) for path in paths])[CUTOFF].to_list()

    def by(*log: tuple[int, int]) -> list[int]:
        frame = replay(
            CASE,
            scan_parts(paths),
            activations=[(cutoffs[since], number) for since, number in log],
            releases={1: first, 2: second},
            load=lambda _: Threshold(50.0),
            dataset_version=4,
            as_of=T0 + timedelta(days=9),
            made_at=NOW,
            already=set(),
        )
        return list(frame.sort("key")["release"])

    assert by((0, 1), (2, 2), (4, 1)) == [1, 1, 2, 2, 1, 1]
    assert by((0, 1), (2, 2), (2, 1)) == [1] * 6, "the later row of the log counts, not the higher number"
    assert by((0, 2), (4, 1), (2, 2)) == [2] * 6, "data were rolled back, and lived through again"


def test_without_time_rows_whose_label_is_not_known_are_upcoming(tmp_path: Path, first: Release) -> None:
    paths = table(tmp_path, **{AT: [None] * 6})
    assert scored(paths, first, use_case())["key"].to_list() == ["2", "3", "4", "5"]
