from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.contract.versions.kit import BASE, Kit

from evergreen.errors import PermanentError, TransientError
from evergreen.versions import Registry
from evergreen.versions.create import configured

REMOTE = 'remote "default"'


def test_opening_twice_changes_nothing(kit: Kit) -> None:
    before = kit.git("rev-parse", "main"), kit.git("status", "--porcelain", "--ignored")
    kit.reopen()
    assert (kit.git("rev-parse", "main"), kit.git("status", "--porcelain", "--ignored")) == before
    assert kit.registry.worktree() == kit.root
    assert kit.registry.head("flights") is None
    assert [path.name for path in kit.folder.iterdir()] == ["registry"]


def test_two_at_once_make_one_registry(tmp_path: Path) -> None:
    for attempt in range(3):
        root = tmp_path / f"{attempt}" / "registry"
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(Registry.open, [root] * 4))
        kit = Kit(root.parent)
        assert kit.git("log", "--format=%s") == "Make the data registry"
        assert [path.name for path in root.parent.iterdir()] == ["registry"]


def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").touch()
    with pytest.raises(PermanentError, match="not empty and not a data registry"):
        Registry.open(tmp_path)
    (tmp_path / ".git").mkdir()
    with pytest.raises(PermanentError, match="git repository but not a data registry"):
        Registry.open(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "notes"]


def test_another_remote_is_this_machines_business(kit: Kit) -> None:
    version = kit.publish(BASE)
    elsewhere = kit.folder / "elsewhere"
    registry = Registry.open(kit.root, remote=str(elsewhere))
    registry.push(version)
    assert registry.verify(version) == []
    assert not (kit.folder / "registry-remote").exists()
    assert configured(kit.root, REMOTE, "url") == str(elsewhere)
    assert kit.git("status", "--porcelain") == ""
    assert Registry.open(kit.root).verify(version) == []


def test_garbage_waits_for_publishers(kit: Kit) -> None:
    from evergreen.versions.lock import locked

    objects = kit.root / ".git" / "evergreen-objects.lock"
    with locked(objects, shared=True), pytest.raises(TransientError, match="held by another process"):
        kit.registry.collect_garbage()


def test_a_git_remote_gets_versions_and_gives_them_to_a_new_machine(tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
    kit = Kit(tmp_path / "one", git_remote=str(bare), remote=str(tmp_path / "remote"))
    for files in (BASE, {"table/day=3.parquet": b"three"}):
        kit.registry.push(kit.publish(files))
    kit.registry.push(kit.registry.get("flights", 1))

    other = Kit(tmp_path / "two", git_remote=str(bare), remote=str(tmp_path / "remote"))
    assert other.registry.history("flights") == kit.registry.history("flights")
    assert other.read(other.registry.get("flights", 1)) == BASE
    assert other.git("status", "--porcelain") == ""
    assert other.git("remote", "get-url", "origin") == str(bare)

    mine, theirs = kit.publish({"x": b"x"}), other.publish({"y": b"y"})
    kit.registry.push(mine)
    with pytest.raises(PermanentError, match="has another commit as flights@v3: two registries publish"):
        other.registry.push(theirs)


def test_a_git_remote_with_foreign_commits_names_the_next_step(tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
    kit = Kit(tmp_path / "one", git_remote=str(bare))
    kit.registry.push(kit.publish(BASE))
    other = Kit(tmp_path / "two", git_remote=str(bare))
    other.git("commit", "--allow-empty", "-m", "Mine")
    other.git("push", "--quiet", "origin", "main")
    second = kit.publish({"x": b"x"})
    with pytest.raises(PermanentError, match=r"has commits on main that .* lacks\. Get them with git pull --no-rebase"):
        kit.registry.push(second)
    kit.git("pull", "--quiet", "--no-rebase", "origin", "main")
    kit.registry.push(second)
    assert kit.registry.adopt("flights") is None
    assert kit.publish({"y": b"y"}).number == 3


def test_a_git_remote_that_is_away_is_transient(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match=r"could not be read .* EVERGREEN_REGISTRY_REMOTE"):
        Registry.open(tmp_path / "registry", git_remote=str(tmp_path / "nowhere"))
    assert list(tmp_path.iterdir()) == []


def test_importing_and_publishing_to_a_folder_does_not_import_dvc(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kit import Kit, BASE\n"
        "kit = Kit(Path(sys.argv[1])); version = kit.publish(BASE); kit.registry.push(version); kit.read(version)\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('dvc', 'dvc_data', 'pandas', 'polars')])"
    )
    here = Path(__file__).resolve()
    environment = {**os.environ, "PYTHONPATH": f"{here.parents[3] / 'include'}:{here.parent}"}
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.strip() == "[]", done.stderr
