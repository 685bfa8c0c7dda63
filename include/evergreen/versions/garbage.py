"""Removing objects that nothing refers to, such as those of a run that died before its commit."""

from __future__ import annotations

from evergreen.versions.contents import Contents
from evergreen.versions.git import Git
from evergreen.versions.tree import Pointer


def collect(git: Git, contents: Contents) -> int:
    """Remove every object of the cache that no commit on a tag or branch points to; return how many.

    Call it while nobody publishes. A directory object that the cache lacks is fetched, since it tells what to keep;
    when that fails nothing is removed and the error says so.
    """
    kept = set[str]()
    for tree in _trees(git):
        kept |= {tree, *contents.tree(tree, "a version in git").values()}
    contents.cache.sweep()
    git.attempt("gc", "--quiet", timeout=600.0)
    garbage = [oid for oid in contents.cache.all() if oid not in kept]
    for oid in garbage:
        contents.cache.discard(oid)
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
