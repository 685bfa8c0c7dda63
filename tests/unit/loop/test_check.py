"""What `evergreen check` says of a use case's file without looking at its sources."""

from __future__ import annotations

from pathlib import Path

from evergreen.loop.check import check
from evergreen.settings import Settings

HOUSES = """
name: houses
task: binary
key: [id]
target: {column: big, expression: "price > 100"}
sources: {houses: {type: files, path: x, key: [id]}}
"""


def test_a_feature_that_the_target_is_computed_of_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "houses"
    folder.mkdir()
    (folder / "use_case.yaml").write_text(HOUSES, encoding="utf-8")
    settings = Settings(home=tmp_path, use_cases=tmp_path)
    assert check(settings, ["houses"], None) == []
    (folder / "use_case.yaml").write_text(HOUSES + "features: {numeric: {columns: [price]}}", encoding="utf-8")
    (problem,) = check(settings, ["houses"], None)
    assert problem.startswith("houses: features: `price` is known with the label only")
