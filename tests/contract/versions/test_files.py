from __future__ import annotations

import shutil

import pytest
from tests.contract.versions.kit import BASE, Kit

from evergreen.errors import PermanentError
from evergreen.versions import objects

PATH = "table/day=1.parquet"


def test_a_damaged_file_is_fetched_again_from_the_remote(kit: Kit) -> None:
    version = kit.publish(BASE)
    kit.registry.push(version)
    kit.damage(version, PATH)
    problems = kit.reopen().verify(version)
    assert len(problems) == 1
    assert f"flights@v1: {PATH} is damaged in the cache; reading flights@v1 fetches it again" in problems[0]
    assert kit.read(version) == BASE
    assert kit.registry.verify(version) == []


def test_damage_within_one_process_is_seen_too(kit: Kit) -> None:
    version = kit.publish(BASE)
    kit.registry.push(version)
    kit.damage(version, PATH)
    assert kit.read(version) == BASE


def test_a_whole_cache_that_is_gone_comes_back(kit: Kit) -> None:
    version = kit.publish(BASE)
    kit.registry.push(version)
    shutil.rmtree(kit.root / ".dvc" / "cache")
    kit.reopen()
    assert "list of files is missing or damaged" in kit.registry.verify(version)[0]
    assert kit.read(version) == BASE


def test_a_file_that_is_nowhere_whole_is_named_with_version_and_next_step(kit: Kit) -> None:
    version = kit.publish(BASE)
    file = kit.damage(version, PATH)
    kit.reopen()
    with pytest.raises(
        PermanentError, match=rf"flights@v1: {PATH} .* is damaged in the cache .* does not have it.*back"
    ):
        kit.registry.files(version)
    # DVC would have trusted it.
    assert not file.exists()
    with pytest.raises(PermanentError, match="is missing in the cache"):
        kit.registry.files(version)


def test_a_remote_with_damaged_bytes_is_not_believed(kit: Kit) -> None:
    version = kit.publish(BASE)
    kit.registry.push(version)
    file = kit.damage(version, PATH)
    copy = kit.folder / "registry-remote" / "files" / "md5" / file.parent.name / file.name
    copy.chmod(0o644)
    copy.write_bytes(b"???")
    with pytest.raises(PermanentError, match="has a damaged copy"):
        kit.reopen().files(version)


def test_a_prefix_reads_those_files_only(kit: Kit) -> None:
    version = kit.publish(BASE)
    kit.damage(version, PATH)
    assert kit.read(version, "sources/") == {"sources/weather/0.parquet": b"rain"}


def test_an_unchanged_file_is_hashed_once(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    version = kit.publish(BASE)
    kit.reopen()
    hashed = []
    real = objects.hash_file
    monkeypatch.setattr(objects, "hash_file", lambda path: hashed.append(path) or real(path))
    kit.registry.files(version)
    assert len(hashed) == len(BASE) + 1
    kit.registry.files(version)
    assert len(hashed) == len(BASE) + 1


def test_push_copies_only_what_is_missing(kit: Kit) -> None:
    first = kit.publish(BASE)
    kit.registry.push(first)
    remote = kit.folder / "registry-remote"
    before = {path: path.stat().st_ino for path in remote.rglob("*") if path.is_file()}
    second = kit.publish({"table/day=3.parquet": b"three"})
    assert len(kit.registry.verify(second)) == 2
    kit.registry.push(second)
    kit.registry.push(second)
    after = {path: path.stat().st_ino for path in remote.rglob("*") if path.is_file()}
    assert len(after) == len(before) + 2
    assert before.items() <= after.items()


def test_push_mends_a_remote_that_lost_or_cut_a_file(kit: Kit) -> None:
    version = kit.publish(BASE)
    kit.registry.push(version)
    files = [path for path in (kit.folder / "registry-remote").rglob("*") if path.is_file() and path.suffix != ".dir"]
    files[0].unlink()
    files[1].chmod(0o644)
    files[1].write_bytes(b"")
    problems = kit.registry.verify(version)
    assert len(problems) == 2
    assert all("missing or cut short in the remote" in problem and "push it again" in problem for problem in problems)
    kit.registry.push(version)
    assert kit.registry.verify(version) == []


def test_damaged_bytes_are_never_pushed(kit: Kit) -> None:
    version = kit.publish(BASE)
    kit.damage(version, PATH)
    with pytest.raises(PermanentError, match="is damaged in the cache"):
        kit.reopen().push(version)


def test_garbage_goes_and_versions_stay(kit: Kit) -> None:
    first = kit.publish(BASE)
    second = kit.publish({PATH: b"ONE"})
    (kit.folder / "lost").write_bytes(b"of a run that died")
    cache = objects.ObjectFolder(kit.root / ".dvc/cache/files/md5")
    cache.put(kit.folder / "lost")
    assert kit.registry.collect_garbage() == 1
    assert kit.registry.collect_garbage() == 0
    assert kit.read(second)[PATH] == b"ONE"
    assert kit.read(first) == BASE
