"""Reading what a person has committed in the registry: a rollback made by hand is adopted, anything else refused."""

from __future__ import annotations

from dataclasses import dataclass

from evergreen.artifacts import DatasetVersion
from evergreen.errors import PermanentError, bounded
from evergreen.versions.errors import ChangedByHand
from evergreen.versions.git import Git
from evergreen.versions.names import manifest_file, pointer_file
from evergreen.versions.records import Records
from evergreen.versions.tree import Pointer


@dataclass(frozen=True)
class ByHand:
    """A person's commit that put the pointer of version `restores` back; publish it as a rollback to adopt it."""

    use_case: str
    restores: int
    commit: str


def judge(git: Git, records: Records, head: DatasetVersion, main: str) -> ByHand | None:
    """Compare a use case's two files at `main` with its newest version `head`.

    Returns None when they agree, ByHand when only the pointer differs and is a published version's; raises
    ChangedByHand, saying what was found and how to go on, for anything else.
    """
    pointer, manifest = pointer_file(head.use_case), manifest_file(head.use_case)
    names = [f"{commit}:{file}" for commit in (main, head.commit) for file in (pointer, manifest)]
    pointer_now, manifest_now, pointer_then, manifest_then = git.object_ids(names)
    if (pointer_now, manifest_now) == (pointer_then, manifest_then):
        return None
    if manifest_now != manifest_then:
        raise _refused(git, head, f"{manifest} was {'changed' if manifest_now else 'removed'}")
    if pointer_now is None:
        raise _refused(git, head, f"{pointer} was removed")
    try:
        found = Pointer.load(git.contents([pointer_now])[0] or b"", pointer)
    except PermanentError as error:
        raise _refused(git, head, f"{pointer} is not the DVC pointer of one directory") from error
    if found.path != head.use_case:
        raise _refused(git, head, f"{pointer} points to another folder than {head.use_case}")
    if found.tree == head.tree:
        return None
    published = [version.number for version in records.history(head.use_case) if version.tree == found.tree]
    if not published:
        raise _refused(git, head, f"{pointer} points to data that no published version has")
    commit = git.text("log", "-1", "--format=%H", main, "--", pointer)
    changed = git.text("diff-tree", "--no-commit-id", "--name-only", "-r", "-z", commit).split("\0")
    others = [name for name in changed if name and ("/" in name or not name.endswith(".dvc"))]
    if others:
        raise _refused(git, head, f"commit {commit[:10]} changes {bounded(others, 3)} besides {pointer}")
    # Versions with one tree differ in their cursors only; the newest of them has read furthest.
    return ByHand(use_case=head.use_case, restores=max(published), commit=commit)


def _refused(git: Git, head: DatasetVersion, found: str) -> ChangedByHand:
    files = f"{pointer_file(head.use_case)} {manifest_file(head.use_case)}"
    return ChangedByHand(
        f"The branch main of {git.root} differs from {head.name} in a way that is not a rollback: {found}. A rollback "
        f"by hand changes only {pointer_file(head.use_case)}, to that of a published version. Nothing was changed; "
        f"to go on: git -C {git.root} checkout {head.name} -- {files} && "
        f"git -C {git.root} commit -m 'Back to {head.name}'"
    )
