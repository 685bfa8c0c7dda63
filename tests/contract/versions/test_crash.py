"""Death at any moment: what a reader sees afterwards, and that the same call succeeds when it is made again."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.contract.versions.kit import BASE, Kit, manifest

from evergreen.versions import Registry

NEW = {"table/day=2.parquet": b"TWO", "table/day=3.parquet": b"three"}
AFTER = {**BASE, **NEW}


def dies(action: Callable[[], object], at: int) -> bool:
    """Run `action` in a process that is killed before its `at`-th fsync, rename or git command; False if it ended."""
    pid = os.fork()
    if pid == 0:
        calls = itertools.count()

        def deadly(function: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any, **options: Any) -> Any:
                if next(calls) == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **options)

            return call

        try:
            os.fsync = deadly(os.fsync)
            Path.replace = deadly(Path.replace)  # type: ignore[method-assign]
            Path.rename = deadly(Path.rename)  # type: ignore[method-assign]
            subprocess.run = deadly(subprocess.run)  # type: ignore[assignment]
            action()
            os._exit(0)
        finally:
            os._exit(3)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


def publish(kit: Kit, registry: Registry) -> None:
    registry.publish(
        use_case="flights", parent=registry.get("flights", 1), changed=kit.stage(NEW), manifest=manifest(2)
    )


def test_promise_1_a_killed_publish_leaves_the_version_absent_or_whole(tmp_path: Path) -> None:
    template = Kit(tmp_path / "template")
    template.publish(BASE)
    template.publish({"churned": b"1"}, use_case="churn")
    seen = set()
    for at in itertools.count():
        shutil.copytree(tmp_path / "template", tmp_path / "now", symlinks=True)
        kit = Kit(tmp_path / "now")
        killed = dies(lambda kit=kit: publish(kit, kit.registry), at)
        # Readers repair nothing: they look before anybody opens the registry again.
        reader = Registry(kit.root)
        head = reader.head("flights")
        assert head is not None
        seen.add(head.number)
        content = {path: file.read_bytes() for path, file in reader.files(head).items()}
        assert content == (BASE if head.number == 1 else AFTER)
        assert reader.manifest(head) == manifest(head.number)

        publish(kit, kit.reopen())
        assert [version.number for version in kit.registry.history("flights")] == [1, 2]
        assert kit.read(kit.registry.get("flights", 2)) == AFTER
        assert kit.git("status", "--porcelain") == ""
        assert kit.git("rev-parse", "main:flights.dvc") == kit.git("rev-parse", "flights@v2:flights.dvc")
        assert kit.registry.adopt("flights") is None
        assert kit.read(kit.registry.get("churn", 1)) == {"churned": b"1"}
        shutil.rmtree(tmp_path / "now")
        if not killed:
            break
    assert at > 20
    assert seen == {1, 2}


def test_promise_1_another_use_case_publishes_after_a_crash_between_tag_and_branch(kit: Kit) -> None:
    kit.publish(BASE)
    before = kit.git("rev-parse", "main")
    kit.publish(NEW)
    # As if the process had died right after the tag.
    kit.git("update-ref", "refs/heads/main", before)
    kit.git("update-ref", "refs/evergreen/worktree", before)
    kit.git("reset", "--hard")
    kit.publish({"churned": b"1"}, use_case="churn")
    assert kit.git("rev-parse", "main:flights.dvc") == kit.git("rev-parse", "flights@v2:flights.dvc")
    assert kit.git("rev-parse", "main:churn.dvc") == kit.git("rev-parse", "churn@v1:churn.dvc")
    assert kit.git("status", "--porcelain") == ""


def test_a_crash_while_a_person_commits_loses_neither(kit: Kit) -> None:
    kit.publish(BASE)
    before = kit.git("rev-parse", "main")
    kit.publish(NEW)
    kit.git("update-ref", "refs/heads/main", before)
    kit.git("update-ref", "refs/evergreen/worktree", before)
    kit.git("reset", "--hard")
    (kit.root / "NOTES").write_text("mine\n")
    kit.git("add", "NOTES")
    kit.git("commit", "-m", "Notes")
    kit.reopen()
    assert kit.git("show", "main:NOTES") == "mine"
    assert kit.git("rev-parse", "main:flights.dvc") == kit.git("rev-parse", "flights@v2:flights.dvc")
    assert kit.registry.adopt("flights") is None
    assert kit.git("status", "--porcelain") == ""


def test_promise_1_locks_of_a_killed_git_do_not_stop_the_next_publish(kit: Kit) -> None:
    kit.publish(BASE)
    for name in ("refs/tags/flights@v2.lock", "refs/heads/main.lock"):
        (kit.root / ".git" / name).touch()
    version = kit.publish(NEW)
    assert kit.read(version) == AFTER
    assert kit.git("rev-parse", "main") == version.commit


def test_promise_1_creating_the_registry_is_all_or_nothing(tmp_path: Path) -> None:
    for at in itertools.count():
        folder = tmp_path / f"{at}"
        folder.mkdir()
        killed = dies(lambda folder=folder: Registry.open(folder / "registry"), at)
        kit = Kit(folder)
        kit.publish(BASE)
        assert kit.git("status", "--porcelain") == ""
        if not killed:
            break
    assert at > 10
