"""The second copy of a version: a remote that does not answer is told, and keeps nobody from scoring."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.toy import NIGHTS
from tests.receiver import Receiver
from tests.rounds import Going, ingest

from evergreen.ledger.alerts import newest_alerts
from evergreen.ledger.items import open_items
from evergreen.ledger.records import copied, published
from evergreen.loop import maintenance
from evergreen.loop.instance import Instance
from evergreen.loop.rollback import rollback_data


@pytest.fixture
def away(tmp_path: Path) -> Path:
    """Where the git remote is when nobody can reach it."""
    return tmp_path / "away.git"


@pytest.fixture
def copying(instance: Instance, tmp_path: Path) -> Instance:
    """The instance with a git remote, and one version that was copied there."""
    subprocess.run(["git", "init", "-q", "--bare", str(remote(tmp_path))], check=True)
    settings = instance.settings.model_copy(update={"registry_remote": str(remote(tmp_path))})
    made = replace(instance, settings=settings)
    ingest(made, "toy", "night-1", NIGHTS[0])
    assert known(made) == ({1}, {1})
    return made


def remote(folder: Path) -> Path:
    return folder / "remote.git"


def known(instance: Instance) -> tuple[set[int], set[int]]:
    """Versions that are noted, and those that have their second copy."""
    with instance.ledger() as db:
        return published(db, "toy"), copied(db, "toy")


def tags(folder: Path) -> set[str]:
    said = subprocess.run(["git", "-C", str(remote(folder)), "tag"], check=True, capture_output=True, text=True)
    return set(said.stdout.split())


def told(instance: Instance) -> list[str]:
    with instance.ledger() as db:
        return [alert.key for alert in newest_alerts(db, "toy", 99) if alert.kind == "copy"]


def test_a_remote_that_does_not_answer_stops_nobody_and_is_told(
    copying: Instance, tmp_path: Path, away: Path, webhook: Receiver
) -> None:
    remote(tmp_path).rename(away)
    version = ingest(copying, "toy", "night-2", NIGHTS[1])
    assert version.number == 2
    assert known(copying) == ({1, 2}, {1})
    with copying.ledger() as db:
        assert ("score", "toy@v2") in {(item.kind, item.subject) for item in open_items(db)}
    assert told(copying) == ["toy@v2"]
    assert "toy@v2 has no second copy yet" in webhook.got[-1]["text"]
    assert rollback_data(copying, "toy", 1, "back").number == 3
    assert known(copying) == ({1, 2, 3}, {1})
    assert set(told(copying)) == {"toy@v2", "toy@v3"}
    assert "toy@v2 to v3 have no second copy yet" in webhook.got[-1]["text"]


def test_copies_are_made_up_for_with_the_next_version(copying: Instance, tmp_path: Path, away: Path) -> None:
    remote(tmp_path).rename(away)
    ingest(copying, "toy", "night-2", NIGHTS[1])
    away.rename(remote(tmp_path))
    ingest(copying, "toy", "night-3", NIGHTS[2])
    assert known(copying) == ({1, 2, 3}, {1, 2, 3})
    assert tags(tmp_path) == {"toy@v1", "toy@v2", "toy@v3"}


def test_copies_are_made_up_for_in_the_weekly_upkeep(copying: Instance, tmp_path: Path, away: Path) -> None:
    remote(tmp_path).rename(away)
    ingest(copying, "toy", "night-2", NIGHTS[1])
    away.rename(remote(tmp_path))
    assert maintenance.verify(copying) == []
    assert known(copying) == ({1, 2}, {1, 2})
    assert tags(tmp_path) == {"toy@v1", "toy@v2"}


def test_a_run_that_died_before_its_copy_makes_it_when_it_is_done_again(
    copying: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as now:
        now.setattr("evergreen.loop.ingest.copy_versions", dies)
        run = Going(copying, "toy", "ingest", "night-2", NIGHTS[1])
        run.steps("begin", "extract", "prepare", "validate")
        with pytest.raises(KeyboardInterrupt):
            run.step("publish")
    assert known(copying) == ({1, 2}, {1})
    assert run.step("publish")["number"] == 2
    assert known(copying) == ({1, 2}, {1, 2})
