"""What a person does in the registry: adopted when it is a rollback, refused when it is not, and never overwritten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.contract.versions.kit import BASE, Kit

from evergreen.versions import ByHand, ChangedByHand, HandPending

POINTER, MANIFEST = "flights.dvc", "flights.manifest.json"
NOW = datetime(2013, 2, 1, 2, tzinfo=UTC)


@pytest.fixture
def three(kit: Kit) -> Kit:
    """Three versions of flights and one of churn."""
    kit.publish(BASE)
    kit.publish({"table/day=2.parquet": b"TWO"})
    kit.publish({"churned": b"1"}, use_case="churn")
    kit.publish({"table/day=3.parquet": b"three"})
    return kit


def roll_back(kit: Kit) -> None:
    kit.git("checkout", "flights@v1", "--", POINTER)
    kit.git("commit", "-m", "Back to v1")


def adopt(kit: Kit) -> None:
    found, head = kit.registry.adopt("flights"), kit.registry.head("flights")
    assert found is not None
    assert head is not None
    to = kit.registry.get("flights", found.restores)
    kit.registry.restore(use_case="flights", to=to, parent=head, data_time=NOW, run_id="adopt")


def test_a_registry_nobody_touched_has_nothing_to_adopt(three: Kit) -> None:
    assert three.registry.adopt("flights") is None
    assert three.registry.adopt("unknown") is None


def test_promise_8_a_committed_pointer_of_an_old_version_is_a_rollback(three: Kit) -> None:
    roll_back(three)
    commit = three.git("rev-parse", "main")
    assert three.registry.adopt("flights") == ByHand(use_case="flights", restores=1, commit=commit)
    assert three.registry.adopt("churn") is None
    adopt(three)
    head = three.registry.head("flights")
    assert head is not None
    assert (head.number, three.registry.manifest(head).restores) == (4, 1)
    assert three.read(head) == BASE
    assert three.registry.adopt("flights") is None
    assert three.git("rev-parse", "main") == head.commit
    assert three.git("rev-parse", "main~1") == commit
    assert three.git("status", "--porcelain") == ""


def test_of_versions_with_the_same_tree_the_newest_is_restored(kit: Kit) -> None:
    kit.publish(BASE)
    kit.publish({})
    kit.publish({"table/day=2.parquet": b"TWO"})
    roll_back(kit)
    found = kit.registry.adopt("flights")
    assert found is not None
    assert found.restores == 2


def test_promise_8_nothing_is_published_over_a_rollback_by_hand(three: Kit) -> None:
    roll_back(three)
    with pytest.raises(HandPending, match="rolled flights back to v1 by hand: the next run adopts it"):
        three.publish({"x": b"x"})
    assert three.publish({"churned": b"2"}, use_case="churn").number == 2
    adopt(three)
    assert three.publish({"x": b"x"}).number == 5


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            {POINTER: "outs:\n- md5: 00000000000000000000000000000000.dir\n  hash: md5\n  path: flights\n"},
            "no published",
        ),
        ({POINTER: "nonsense"}, "not the DVC pointer"),
        ({POINTER: None}, "flights.dvc was removed"),
        ({MANIFEST: "{}"}, "flights.manifest.json was changed"),
        ({MANIFEST: None}, "flights.manifest.json was removed"),
        ({POINTER: "flights@v1", MANIFEST: "flights@v1"}, "flights.manifest.json was changed"),
        ({POINTER: "flights@v1", "NOTES": "mine"}, "changes NOTES besides flights.dvc"),
    ],
)
def test_promise_8_any_other_change_is_refused_and_left_as_it_is(
    three: Kit, change: dict[str, str | None], found: str
) -> None:
    for name, content in change.items():
        if content is None:
            three.git("rm", "--quiet", name)
        else:
            then = three.git("show", f"{content}:{name}") + "\n" if content.startswith("flights@") else content
            (three.root / name).write_text(then)
            three.git("add", "--", name)
    three.git("commit", "-m", "By hand")
    commit = three.git("rev-parse", "main")
    for attempt in (lambda: three.registry.adopt("flights"), lambda: three.publish({"x": b"x"})):
        with pytest.raises(ChangedByHand, match=found) as refusal:
            attempt()
        assert "git -C" in str(refusal.value)
    assert three.git("rev-parse", "main") == commit
    assert three.git("status", "--porcelain") == ""

    # The step the message names.
    three.git("checkout", "flights@v3", "--", POINTER, MANIFEST)
    three.git("commit", "-m", "Back to flights@v3")
    assert three.registry.adopt("flights") is None
    assert three.publish({"x": b"x"}).number == 4


def test_promise_1_work_in_progress_is_never_touched(three: Kit) -> None:
    three.git("checkout", "flights@v1", "--", POINTER)
    (three.root / "churn.manifest.json").write_text("draft")
    (three.root / "NOTES").write_text("mine")
    before = three.git("status", "--porcelain"), (three.root / POINTER).read_bytes()
    assert three.registry.adopt("flights") is None
    assert three.publish({"churned": b"2"}, use_case="churn").number == 2
    assert three.publish({"x": b"x"}).number == 4
    three.reopen()
    assert (three.root / POINTER).read_bytes() == before[1]
    assert (three.root / "churn.manifest.json").read_text() == "draft"
    assert three.git("diff", "--cached", "flights@v1", "--", POINTER) == ""

    three.git("checkout", "HEAD", "--", ".")
    (three.root / "NOTES").unlink()
    assert three.git("status", "--porcelain") == ""
    assert three.publish({"y": b"y"}).number == 5
    assert three.git("status", "--porcelain") == ""


def test_promise_1_another_branch_or_a_busy_index_is_never_touched(three: Kit) -> None:
    three.git("checkout", "--quiet", "-b", "mine", "flights@v1")
    before = (three.root / POINTER).read_bytes()
    three.publish({"x": b"x"})
    assert (three.root / POINTER).read_bytes() == before
    assert three.git("status", "--porcelain") == ""
    three.git("checkout", "--quiet", "main")
    lock = three.root / ".git" / "index.lock"
    lock.touch()
    three.publish({"y": b"y"})
    assert lock.exists()
    lock.unlink()
    three.reopen()
    assert three.git("status", "--porcelain") == ""


def test_a_commit_that_comes_between_is_merged(three: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    from evergreen.versions.git import Git

    create_ref = Git.create_ref

    def person_first(self: Git, ref: str, commit: str) -> bool:
        done = create_ref(self, ref, commit)
        if ref.startswith("refs/tags/"):
            (three.root / "NOTES").write_text("mine\n")
            three.git("add", "NOTES")
            three.git("commit", "-m", "Notes")
        return done

    monkeypatch.setattr(Git, "create_ref", person_first)
    version = three.publish({"x": b"x"})
    monkeypatch.undo()
    assert three.git("show", "main:NOTES") == "mine"
    assert three.git("rev-parse", "main:flights.dvc") == three.git("rev-parse", f"{version.commit}:flights.dvc")
    assert three.git("status", "--porcelain") == ""
    assert three.registry.adopt("flights") is None
    assert three.publish({"y": b"y"}).number == 5


def test_hooks_and_configuration_of_a_person_take_no_part(three: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = three.root / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    three.git("config", "user.name", "Ada")
    three.git("config", "commit.gpgsign", "true")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ada")
    version = three.publish({"x": b"x"})
    monkeypatch.undo()
    assert three.git("log", "-1", "--format=%an %cn", version.commit) == "Evergreen Evergreen"
