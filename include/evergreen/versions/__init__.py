"""The store of dataset versions: publish, read, compare and roll back (a git + DVC data registry)."""

from __future__ import annotations

from evergreen.versions.byhand import ByHand
from evergreen.versions.diff import VersionDiff
from evergreen.versions.errors import ChangedByHand, HandPending, ParentMoved
from evergreen.versions.registry import Registry

__all__ = ["ByHand", "ChangedByHand", "HandPending", "ParentMoved", "Registry", "VersionDiff"]
