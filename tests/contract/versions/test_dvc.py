"""Plain git and DVC agree with what the registry has published."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.versions.kit import BASE, Kit

from evergreen.errors import PermanentError, TransientError
from evergreen.versions import ByHand, Registry
from evergreen.versions.dvc_remote import DvcRemote
from evergreen.versions.objects import Damaged, ObjectFolder
from evergreen.versions.tree import dump_tree

DVC = Path(sys.executable).with_name("dvc")
NEW = {"table/day=2.parquet": b"TWO", "table/day=3.parquet": b"three"}
ENTRIES = {"table/b": "b" * 32, "table/a": "a" * 32, "table-2": "c" * 32, 'ünïcode/"x"': "d" * 32}
NOW = datetime(2013, 2, 1, 2, tzinfo=UTC)


def dvc(where: Path, *arguments: str) -> str:
    """What a person's DVC says; nothing it starts may report home."""
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "GIT_CEILING_DIRECTORIES": str(where.parent)}
    done = subprocess.run([DVC, *arguments], cwd=where, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def on_disk(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def two(kit: Kit) -> Kit:
    """Two pushed versions."""
    kit.registry.push(kit.publish(BASE))
    kit.registry.push(kit.publish(NEW, ["sources/weather/0.parquet"]))
    return kit


def test_a_tree_is_what_dvc_would_write() -> None:
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.tree import Tree

    tree = Tree()
    for path, md5 in ENTRIES.items():
        tree.add(tuple(path.split("/")), None, HashInfo("md5", md5))
    assert dump_tree(ENTRIES) == tree.as_bytes()


def test_promise_1_dvc_checks_out_compares_and_pulls_what_was_published(two: Kit) -> None:
    head = two.registry.head("flights")
    assert head is not None
    dvc(two.root, "checkout")
    assert on_disk(two.root / "flights") == two.read(head)
    assert "up to date" in dvc(two.root, "status")
    assert "in sync" in dvc(two.root, "status", "-c")
    assert two.git("status", "--porcelain") == ""

    diff = json.loads(dvc(two.root, "diff", "--json", "flights@v1", "flights@v2"))
    ours = two.registry.diff(two.registry.get("flights", 1), head)
    named = {kind: sorted(entry["path"] for entry in diff[kind]) for kind in ("added", "deleted", "modified")}
    assert [path for path in named["added"] if not path.endswith("/")] == [f"flights/{path}" for path in ours.added]
    assert [path for path in named["deleted"] if path.count(".")] == [f"flights/{path}" for path in ours.removed]
    assert [path for path in named["modified"] if path != "flights/"] == [f"flights/{path}" for path in ours.changed]

    clone = two.folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(two.root), str(clone)], check=True)
    dvc(clone, "pull")
    assert on_disk(clone / "flights") == two.read(head)
    subprocess.run(["git", "checkout", "--quiet", "flights@v1"], cwd=clone, check=True)
    dvc(clone, "pull")
    assert on_disk(clone / "flights") == BASE


def test_publishing_goes_on_under_a_checked_out_data_folder(two: Kit) -> None:
    dvc(two.root, "checkout")
    before = on_disk(two.root / "flights")
    third = two.publish({"table/day=4.parquet": b"four"})
    assert on_disk(two.root / "flights") == before
    assert "modified" in dvc(two.root, "status")
    dvc(two.root, "checkout", "flights.dvc")
    assert on_disk(two.root / "flights") == two.read(third)
    assert two.git("status", "--porcelain") == ""


def test_promise_8_a_rollback_with_three_commands_is_adopted(two: Kit) -> None:
    first = two.registry.get("flights", 1)
    two.git("checkout", "flights@v1", "--", "flights.dvc")
    dvc(two.root, "checkout", "flights.dvc")
    # Not yet committed: nobody's business.
    assert two.reopen().adopt("flights") is None
    two.git("commit", "-m", "Back to v1")
    found = two.reopen().adopt("flights")
    assert found == ByHand(use_case="flights", restores=1, commit=two.git("rev-parse", "HEAD"))
    head = two.registry.head("flights")
    assert head is not None
    third = two.registry.restore(use_case="flights", to=first, parent=head, data_time=NOW, run_id="adopt")
    two.registry.push(third)
    assert (third.name, third.tree, two.registry.manifest(third).restores) == ("flights@v3", first.tree, 1)
    assert two.registry.adopt("flights") is None
    assert "up to date" in dvc(two.root, "status")
    assert on_disk(two.root / "flights") == BASE
    assert two.git("status", "--porcelain") == ""
    assert [line.split(" ", 1)[1] for line in two.git("log", "--oneline", "-2").splitlines()] == [
        "flights@v3: 2013-02-01T02:00Z, restores v1",
        "Back to v1",
    ]


def test_what_a_clone_pushed_back_by_hand_is_adopted_too(two: Kit) -> None:
    clone = two.folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(two.root), str(clone)], check=True)
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for command in (["checkout", "--quiet", "flights@v1", "--", "flights.dvc"], ["commit", "--quiet", "-m", "Back"]):
        subprocess.run(["git", *person, *command], cwd=clone, check=True)
    two.git("pull", "--quiet", "--ff-only", str(clone), "main")
    found = two.registry.adopt("flights")
    assert found is not None
    assert found.restores == 1


def test_dvc_checks_out_a_damaged_file_and_we_do_not(two: Kit) -> None:
    head = two.registry.head("flights")
    assert head is not None
    two.damage(head, "table/day=3.parquet")
    dvc(two.root, "checkout")
    assert (two.root / "flights/table/day=3.parquet").read_bytes() == b"?hree"
    assert two.reopen().files(head)["table/day=3.parquet"].read_bytes() == b"three"
    shutil.rmtree(two.root / "flights")
    dvc(two.root, "checkout")
    assert on_disk(two.root / "flights") == two.read(head)


def test_dvc_import_from_the_registry_works(two: Kit) -> None:
    project = two.folder / "project"
    project.mkdir()
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    dvc(project, "init", "--quiet")
    dvc(project, "import", "--quiet", str(two.root), "flights", "--rev", "flights@v1")
    assert on_disk(project / "flights") == BASE


@pytest.fixture
def remote(two: Kit) -> DvcRemote:
    """The same folder as the registry's remote, reached by DVC as it would reach S3."""
    return DvcRemote(two.root, "s3://key:secret@bucket/path")


def test_the_remote_by_dvc_holds_the_same_objects(two: Kit, remote: DvcRemote) -> None:
    cache = ObjectFolder(two.root / ".dvc/cache/files/md5")
    sizes = {oid: cache.path(oid).stat().st_size for oid in cache.all()}
    assert remote.missing(sizes) == set()
    shutil.rmtree(two.folder / "registry-remote")
    assert remote.missing(sizes) == set(sizes)
    remote.upload({oid: cache.path(oid) for oid in sizes})
    assert remote.missing(sizes) == set()
    assert two.reopen().verify(two.registry.get("flights", 1)) == []

    elsewhere = ObjectFolder(two.folder / "elsewhere")
    for oid in sizes:
        assert remote.fetch(oid, elsewhere)
        assert elsewhere.intact(oid)
    assert not remote.fetch("f" * 32, elsewhere)
    oid = next(iter(sizes))
    copy = two.folder / "registry-remote/files/md5" / oid[:2] / oid[2:]
    copy.chmod(0o644)
    copy.write_bytes(b"?")
    with pytest.raises(Damaged):
        remote.fetch(oid, elsewhere)
    assert not list((two.root / ".dvc/tmp").glob("fetch-*"))


def test_errors_of_a_remote_are_typed_bounded_and_without_secrets(
    two: Kit, remote: DvcRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(error: Exception) -> None:
        def store(_: DvcRemote) -> None:
            raise error

        monkeypatch.setattr(DvcRemote, "_store", store)

    fails(ConnectionError("no route to https://key:secret@host/ " + "x" * 5000))
    with pytest.raises(TransientError, match="Run again when it can be reached") as caught:
        remote.missing({"a": 1})
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 600
    fails(PermissionError("Forbidden"))
    with pytest.raises(PermanentError, match="Check EVERGREEN_DVC_REMOTE, the credentials"):
        remote.upload({})
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "dvc.repo", None)
    with pytest.raises(PermanentError, match="needs DVC, which isn't installed"):
        DvcRemote(two.root, "s3://bucket").missing({"a": 1})


def test_a_url_that_dvc_does_not_know_is_permanent(kit: Kit) -> None:
    version = kit.publish(BASE)
    with pytest.raises(PermanentError, match="nosuch://bucket could not be"):
        Registry.open(kit.root, remote="nosuch://bucket").push(version)
