from __future__ import annotations

import errno
import os
import stat
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests.contract.versions.kit import BASE, Kit, manifest

from evergreen.errors import PermanentError, TransientError
from evergreen.versions import ParentMoved, Registry


def test_the_first_version_is_read_back_as_it_was_given(kit: Kit) -> None:
    version = kit.publish(BASE)
    assert (version.name, version.rows) == ("flights@v1", 10)
    assert kit.registry.head("flights") == version
    assert kit.registry.manifest(version) == manifest(1)
    assert kit.read(version) == BASE


def test_a_version_is_its_parent_with_what_changed_and_without_what_was_removed(kit: Kit) -> None:
    first = kit.publish(BASE)
    second = kit.publish({"table/day=2.parquet": b"TWO", "table/day=3.parquet": b"three"}, ["table/day=1.parquet"])
    assert kit.read(second) == {
        "sources/weather/0.parquet": b"rain",
        "table/day=2.parquet": b"TWO",
        "table/day=3.parquet": b"three",
    }
    assert kit.read(first) == BASE
    assert kit.registry.paths(second, "table/") == ["table/day=2.parquet", "table/day=3.parquet"]
    assert [version.name for version in kit.registry.history("flights")] == ["flights@v1", "flights@v2"]


def test_files_of_the_cache_are_read_only_and_stay_when_staging_goes(kit: Kit) -> None:
    version = kit.publish(BASE)
    for path in kit.stage(BASE).values():
        path.unlink()
    for file in kit.registry.files(version).values():
        assert stat.S_IMODE(file.stat().st_mode) == 0o444
    assert kit.read(version) == BASE


def test_publishing_the_same_again_is_a_no_op(kit: Kit) -> None:
    version = kit.publish(BASE)
    again = kit.reopen().publish(use_case="flights", parent=None, changed=kit.stage(BASE), manifest=manifest(1))
    assert again == version
    assert len(kit.registry.history("flights")) == 1


def test_a_parent_that_is_not_the_head_any_more_is_refused_naming_both(kit: Kit) -> None:
    first = kit.publish(BASE)
    kit.publish({"table/day=3.parquet": b"three"})
    with pytest.raises(ParentMoved, match=r"built on flights@v1, but flights@v2 is the newest: rebuild"):
        kit.registry.publish(
            use_case="flights", parent=first, changed=kit.stage({"table/x": b"x"}), manifest=manifest(2)
        )
    with pytest.raises(ParentMoved, match=r"built on no version of flights, but flights@v2"):
        kit.registry.publish(
            use_case="flights", parent=None, changed=kit.stage({"table/x": b"x"}), manifest=manifest(1)
        )


def test_losing_the_race_for_the_tag_is_parent_moved(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    first = kit.publish(BASE)
    other = Registry.open(kit.root)
    from evergreen.versions.git import Git

    commit = Git.commit

    def other_first(self: Git, *arguments: object) -> str:
        monkeypatch.undo()
        # A publisher on a file system where locks do not work.
        monkeypatch.setattr("evergreen.versions.registry.locked", lambda *_, **__: nullcontext())
        other.publish(use_case="flights", parent=first, changed=kit.stage({"o": b"o"}), manifest=manifest(2))
        return commit(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "commit", other_first)
    with pytest.raises(ParentMoved, match="flights@v2 is the newest"):
        kit.publish({"mine": b"mine"})
    assert "o" in kit.registry.paths(kit.registry.get("flights", 2))


@pytest.mark.parametrize("said", [{"number": 3}, {"parent": 1}, {"use_case": "churn"}])
def test_a_manifest_of_another_version_is_refused(kit: Kit, said: dict[str, object]) -> None:
    with pytest.raises(PermanentError, match="manifest"):
        kit.registry.publish(
            use_case="flights", parent=None, changed=kit.stage(BASE), manifest=manifest(1).model_copy(update=said)
        )
    assert kit.registry.head("flights") is None


@pytest.mark.parametrize("path", ["../x", "table/day=1.parquet/x"])
def test_paths_that_cannot_be_are_refused(kit: Kit, path: str) -> None:
    kit.publish(BASE)
    source = kit.stage({"x": b"x"})["x"]
    with pytest.raises(PermanentError, match=r"path in a dataset version|both a file and a folder"):
        kit.registry.publish(
            use_case="flights", parent=kit.registry.head("flights"), changed={path: source}, manifest=manifest(2)
        )


def test_removing_what_is_not_there_is_refused(kit: Kit) -> None:
    kit.publish(BASE)
    with pytest.raises(PermanentError, match="Can't remove table/none from flights@v1"):
        kit.publish({}, ["table/none"])


def test_a_use_case_name_that_is_no_tag_is_refused(kit: Kit) -> None:
    with pytest.raises(PermanentError, match="can't name a version"):
        kit.registry.head("../etc")


def test_a_staged_file_that_is_gone_is_named(kit: Kit) -> None:
    with pytest.raises(PermanentError, match=r"gone\.parquet: No such file"):
        kit.registry.publish(
            use_case="flights", parent=None, changed={"a": kit.folder / "gone.parquet"}, manifest=manifest(1)
        )


@pytest.mark.parametrize("call", ["fsync", "fchmod"])
def test_promise_1_a_full_disk_publishes_nothing(kit: Kit, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    kit.publish(BASE)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(TransientError, match=r"disk is full: .*registry.* free space and run again"):
            kit.publish({"table/day=3.parquet": b"three"})
    assert not list((kit.root / ".dvc/cache/files/md5/.evergreen-tmp").iterdir())
    assert [version.number for version in kit.reopen().history("flights")] == [1]
    assert kit.publish({"table/day=3.parquet": b"three"}).number == 2


def test_a_disk_that_is_full_for_git_is_transient(kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'fatal: write error: No space left on device' >&2; exit 128\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    with pytest.raises(TransientError, match=r"registry .* is full"):
        kit.registry.head("flights")


def test_without_git_the_error_says_so(kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PermanentError, match=r"git could not be started .*install git"):
        kit.registry.head("flights")


def test_an_unknown_version_names_those_that_exist(kit: Kit) -> None:
    with pytest.raises(PermanentError, match=r"flights@v1 doesn't exist: nothing has been published"):
        kit.registry.get("flights", 1)
    kit.publish(BASE)
    with pytest.raises(PermanentError, match=r"flights@v7 doesn't exist: there are v1\."):
        kit.registry.get("flights", 7)


def test_a_damaged_object_that_exists_already_is_replaced(kit: Kit) -> None:
    version = kit.publish(BASE)
    kit.damage(version, "table/day=1.parquet")
    kit.reopen()
    second = kit.publish({"table/again.parquet": b"one"})
    assert kit.read(second, "table/again") == {"table/again.parquet": b"one"}


def test_the_log_tells_the_story_of_all_use_cases(kit: Kit) -> None:
    kit.publish(BASE)
    kit.publish({"t": b"t"}, use_case="churn", batches=(), counts={})
    kit.publish({"table/day=3.parquet": b"three"})
    assert kit.git("log", "--format=%s", "main").splitlines() == [
        "flights@v2: 2013-01-03T02:00Z, +2 rows (weather 2)",
        "churn@v1: 2013-01-02T02:00Z, no new rows",
        "flights@v1: 2013-01-02T02:00Z, +2 rows (weather 2)",
        "Make the data registry",
    ]
    body = kit.git("log", "-1", "--format=%an <%ae>%n%b", "main")
    assert body.splitlines()[0] == "Evergreen <evergreen@localhost>"
    assert "run: run-2" in body
    assert "parent: v1" in body
    assert "table: 20" in body
    assert "batch b2: weather, 3 rows, 2 new, 0 broken" in body
    assert "batch b1" not in body


def test_an_empty_version_is_possible(kit: Kit) -> None:
    version = kit.publish({})
    assert kit.read(version) == {}
