"""The one way a version comes into being: objects in the cache, a commit on `main`, a tag that is created once."""

from __future__ import annotations

import json
from collections.abc import Mapping

from evergreen.artifacts import DatasetVersion, Manifest
from evergreen.errors import PermanentError
from evergreen.versions.branch import Branch
from evergreen.versions.byhand import judge
from evergreen.versions.contents import Contents
from evergreen.versions.errors import HandPending, ParentMoved
from evergreen.versions.git import Git
from evergreen.versions.message import message
from evergreen.versions.names import manifest_file, pointer_file, tag
from evergreen.versions.records import Records
from evergreen.versions.tree import Pointer, dump_tree


def check(use_case: str, parent: DatasetVersion | None, manifest: Manifest) -> None:
    """Refuse a manifest that does not speak of the version right after `parent`."""
    number = 1 if parent is None else parent.number + 1
    if manifest.use_case != use_case or (parent is not None and parent.use_case != use_case):
        raise PermanentError(f"A version of {use_case} can't have a parent or manifest of another use case.")
    if manifest.number != number or manifest.parent != (parent.number if parent else None):
        raise PermanentError(
            f"The manifest says v{manifest.number} with parent {manifest.parent}, but after "
            f"{parent.name if parent else 'nothing'} comes v{number}: build it from the version that was read."
        )


def commit_version(
    git: Git,
    records: Records,
    contents: Contents,
    *,
    parent: DatasetVersion | None,
    entries: Mapping[str, str],
    manifest: Manifest,
) -> DatasetVersion:
    """Make `entries` (tree path → md5, all in the cache) and `manifest` the next version. Hold the registry's lock.

    Everything before the tag is invisible and may be repeated; everything after it follows from it and is repaired by
    whoever comes next. Publishing again what is the newest version already returns that version.
    """
    branch = Branch(git)
    main = branch.repair()
    tree = contents.cache.put_bytes(dump_tree(entries), suffix=".dir")
    contents.cache.settle()
    head = records.head(manifest.use_case)
    if parent is not None and (head is None or head.number < parent.number):
        raise PermanentError(f"{parent.name} doesn't exist in {git.root}: its tag is gone. Restore it from a backup.")
    if head is not None and head != parent:
        if head.number == manifest.number and head.tree == tree and records.manifest(head) == manifest:
            return head
        raise _moved(manifest.use_case, parent, head)
    if parent is not None:
        _check_by_hand(git, records, parent, main, manifest)
    size = contents.size(entries.values())
    pointer = Pointer(path=manifest.use_case, tree=tree, size=size, files=len(entries))
    said = json.dumps(manifest.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    files = {
        pointer_file(manifest.use_case): git.write_blob(pointer.dump()),
        manifest_file(manifest.use_case): git.write_blob(said.encode()),
    }
    story = message(manifest, None if parent is None else records.manifest(parent))
    commit = git.commit(git.tree_with(main, files), [main], story)
    if not git.create_ref(tag(manifest.use_case, manifest.number), commit):
        raise _moved(manifest.use_case, parent, records.head(manifest.use_case))
    branch.advance(commit, main)
    return records.get(manifest.use_case, manifest.number)


def _check_by_hand(git: Git, records: Records, head: DatasetVersion, main: str, manifest: Manifest) -> None:
    """Publish over nobody's commit: a person's change of this use case is adopted first, or refused."""
    found = judge(git, records, head, main)
    if found is not None and manifest.restores != found.restores:
        raise HandPending(
            f"Commit {found.commit[:10]} rolled {head.use_case} back to v{found.restores} by hand: the next run adopts "
            "it. Run again."
        )


def _moved(use_case: str, parent: DatasetVersion | None, head: DatasetVersion | None) -> ParentMoved:
    was = parent.name if parent else f"no version of {use_case}"
    now = head.name if head else f"no version of {use_case}"
    return ParentMoved(f"The new version was built on {was}, but {now} is the newest: rebuild on it and publish again.")
