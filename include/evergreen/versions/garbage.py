"""Removing objects that nothing refers to, such as those of a run that died before its commit."""

from __future__ import annotations

from evergreen.errors import PermanentError

from .git import Git
from .objects import ObjectFolder
from .tree import Pointer, load_tree


def collect(git: Git, cache: ObjectFolder) -> int:
    """Remove every object of `cache` that no commit on a tag or branch points to; return how many.

    Call it while nobody publishes. Raises PermanentError, removing nothing, when a directory object that is needed to
    know what to keep is missing or damaged.
    """
    kept = set[str]()
    for tree in _trees(git):
        kept.add(tree)
        if not cache.intact(tree):
            raise PermanentError(
                f"The directory object {tree} is missing or damaged in the cache, so what it names can't be told from "
                f"garbage: nothing was removed. Read its version once (evergreen verify), which fetches it again."
            )
        kept |= set(load_tree(cache.path(tree).read_bytes()).values())
    cache.sweep()
    garbage = [oid for oid in cache.all() if oid not in kept]
    for oid in garbage:
        cache.discard(oid)
    return len(garbage)


def _trees(git: Git) -> set[str]:
    """Return the directory objects of every pointer at every tag and branch."""
    commits = set(git.refs("refs/tags/", "refs/heads/", "refs/remotes/").values())
    blobs = set[str]()
    for commit in commits:
        for line in git.text("ls-tree", "-z", commit).split("\0"):
            if line.endswith(".dvc") and line.split()[1] == "blob":
                blobs.add(line.split("\t", 1)[0].split()[2])
    contents = git.contents(sorted(blobs))
    return {Pointer.load(content or b"", "a pointer in git").tree for content in contents}
