"""The store of dataset versions: publish, read, compare and roll back (a git + DVC data registry)."""

from __future__ import annotations

from .byhand import ByHand
from .diff import VersionDiff
from .errors import ChangedByHand, HandPending, ParentMoved
from .registry import Registry

__all__ = ["ByHand", "ChangedByHand", "HandPending", "ParentMoved", "Registry", "VersionDiff"]
