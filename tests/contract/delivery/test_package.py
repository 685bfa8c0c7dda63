"""A real bento: built, found again, run by BentoML alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import psutil
import pytest
from tests.contract.delivery.conftest import Trained

from evergreen.artifacts import BentoRef
from evergreen.delivery.bento import bento_sha256, open_bento
from evergreen.delivery.package import PackagingFailed, bento_environment, package
from evergreen.delivery.smoke import SmokeTestFailed, smoke_test


def children() -> set[int]:
    return {child.pid for child in psutil.Process(os.getpid()).children(recursive=True)}


def test_the_same_model_gives_the_same_bento_and_is_not_built_twice(
    trained: Trained, store: Path, bento: BentoRef, source: Path
) -> None:
    built = (bento.path / "bento.yaml").stat().st_mtime_ns
    assert package("small_flights", trained.folder, trained.model, store=store, source_root=source) == bento
    assert (bento.path / "bento.yaml").stat().st_mtime_ns == built
    labels = open_bento(bento.path).labels
    assert labels["evergreen.model_sha256"] == trained.model.sha256
    assert len(labels["evergreen.lock_sha256"]) == len(labels["evergreen.code_sha256"]) == 64


def test_a_build_that_was_stopped_halfway_is_made_whole(
    trained: Trained, store: Path, bento: BentoRef, source: Path
) -> None:
    aside = shutil.copytree(store, store.parent / "halfway")
    path = aside / bento.path.relative_to(store)
    (path / "bento.yaml").unlink()
    again = package("small_flights", trained.folder, trained.model, store=aside, source_root=source)
    assert again.tag == bento.tag
    assert open_bento(again.path).predictor.is_dir()


@pytest.mark.parametrize("lost", [True, False], ids=["lost", "changed"])
def test_a_bento_that_is_not_there_as_it_was_built_is_built_anew(
    trained: Trained, store: Path, bento: BentoRef, source: Path, tmp_path: Path, lost: bool
) -> None:
    aside = shutil.copytree(store, tmp_path / "aside")
    path = aside / bento.path.relative_to(store)
    if lost:
        shutil.rmtree(path)
    else:
        (path / "src" / "service.py").write_text("raise SystemExit('not what was packaged')")
    again = package("small_flights", trained.folder, trained.model, store=aside, source_root=source)
    assert (again.tag, again.path) == (bento.tag, path)
    assert (path / "src" / "service.py").read_text() == (bento.path / "src" / "service.py").read_text()
    assert again.sha256 == bento_sha256(path) != bento.sha256, "another release: the ledger knows it by its hash"


def test_a_folder_that_is_not_the_registered_model_is_not_packaged(
    trained: Trained, tmp_path: Path, source: Path
) -> None:
    other = shutil.copytree(trained.folder, tmp_path / "model")
    (other / "schema.json").write_text("{}")
    with pytest.raises(PackagingFailed, match="differs from what was registered"):
        package("small_flights", other, trained.model, store=tmp_path / "store", source_root=source)


def test_the_bento_alone_predicts_what_the_model_does(trained: Trained, bento: BentoRef) -> None:
    rows = trained.rows.head(50).select(column.name for column in trained.predictor.schema)
    before = children()
    smoke_test(bento, rows, trained.predictor.predict(rows))
    assert children() <= before
    assert bento_sha256(bento.path) == bento.sha256


def test_a_bento_that_answers_otherwise_fails_and_leaves_no_process(trained: Trained, bento: BentoRef) -> None:
    rows = trained.rows.head(50).select(column.name for column in trained.predictor.schema)
    expected = trained.predictor.predict(rows).with_columns(pl.lit(0.5).alias("probability"))
    before = children()
    with pytest.raises(SmokeTestFailed, match="predicts 50 of 50 example rows differently"):
        smoke_test(bento, rows, expected)
    assert children() <= before


def test_a_bento_that_does_not_start_says_so(trained: Trained, bento: BentoRef, tmp_path: Path) -> None:
    aside = shutil.copytree(bento.path.parents[2], tmp_path / "broken")
    path = aside / bento.path.relative_to(bento.path.parents[2])
    (path / "src" / "service.py").write_text("raise SystemExit('no')")
    broken = bento.model_copy(update={"path": path, "sha256": bento_sha256(path)})
    rows = trained.rows.head(1).select(column.name for column in trained.predictor.schema)
    with pytest.raises(SmokeTestFailed, match=f"bento {bento.tag} "):
        smoke_test(broken, rows, trained.predictor.predict(rows), timeout=60)
    with pytest.raises(SmokeTestFailed, match="has changed since it was packaged"):
        smoke_test(broken.model_copy(update={"sha256": bento.sha256}), rows, trained.predictor.predict(rows))


def test_the_bentos_own_code_is_enough(bento: BentoRef) -> None:
    """Every module in the bento imports with nothing else of ours on the path."""
    source = bento.path / "src"
    modules = [
        ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
        for path in source.rglob("evergreen/**/*.py")
    ]
    code = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=bento_environment(bento.path.parents[2], source),
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
