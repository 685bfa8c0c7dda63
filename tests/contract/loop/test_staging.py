"""Maintenance beside an ingest: what a run works on stays, and without it nothing is published."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.faults.toy import NIGHTS
from tests.rounds import Going, ingest

from evergreen.errors import PermanentError
from evergreen.loop.instance import Instance
from evergreen.loop.maintenance import collect_garbage


def aged(folder: Path, age: timedelta) -> Path:
    """The folder with a file in it, both last written so long ago."""
    (folder / "part").mkdir(parents=True, exist_ok=True)
    (folder / "part" / "x.parquet").write_bytes(b"x")
    written = (datetime.now(UTC) - age).timestamp()
    for path in (folder / "part" / "x.parquet", folder / "part", folder):
        os.utime(path, (written, written))
    return folder


def test_promise_1_maintenance_leaves_a_running_ingest_what_it_works_on(instance: Instance) -> None:
    over = aged((instance.settings.staging / "toy" / "over"), timedelta(days=2))
    yesterday = aged((instance.settings.staging / "toy" / "yesterday"), timedelta(hours=20))
    touched = aged((instance.settings.staging / "toy" / "touched"), timedelta(days=2))
    os.utime(touched / "part" / "x.parquet")
    run = Going(instance, "toy", "ingest", "night-1", NIGHTS[0])
    run.steps("begin", "extract", "prepare", "validate")
    collect_garbage(instance, datetime.now(UTC))
    assert run.step("publish")["rows"] == 1240
    assert [folder.exists() for folder in (over, yesterday, touched)] == [False, True, True]


@pytest.mark.parametrize("stage", ["validate", "publish"])
def test_promise_1_a_run_whose_files_are_gone_publishes_nothing(instance: Instance, stage: str) -> None:
    run = Going(instance, "toy", "ingest", "night-1", NIGHTS[0])
    staged = run.steps("begin", "extract", "prepare", *(["validate"] if stage == "publish" else []))
    shutil.rmtree(staged["folder"])
    with pytest.raises(PermanentError, match="run the ingest again"):
        run.step(stage)
    assert instance.registry.head("toy") is None
    assert ingest(instance, "toy", "night-1", NIGHTS[0]).rows == 1240
