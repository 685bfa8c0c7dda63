"""Where versions are kept a second time: the DVC remote `default`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from evergreen.versions.objects import Damaged, ObjectFolder


class Remote(Protocol):
    """A DVC remote. Raises TransientError when it can't be reached, PermanentError when it never will be."""

    @property
    def url(self) -> str:
        """The address, as a message may show it."""
        ...

    def missing(self, sizes: Mapping[str, int]) -> set[str]:
        """Return those of the objects (name → bytes) that aren't there, or not with that size."""
        ...

    def upload(self, objects: Mapping[str, Path]) -> None:
        """Put objects there, verified, in the given order; a repeat overwrites."""
        ...

    def fetch(self, oid: str, into: ObjectFolder) -> bool:
        """Copy one object into `into`; False when the remote lacks it, Damaged when it has other bytes."""
        ...


class FolderRemote:
    """A remote that is a folder: written as durably as the cache."""

    def __init__(self, folder: Path) -> None:
        self._objects = ObjectFolder(folder / "files" / "md5")
        self._folder = folder

    @property
    def url(self) -> str:
        """The folder."""
        return str(self._folder)

    def missing(self, sizes: Mapping[str, int]) -> set[str]:
        """Return the objects that aren't there with that size."""
        return {oid for oid, size in sizes.items() if self._objects.size(oid) != size}

    def upload(self, objects: Mapping[str, Path]) -> None:
        """Copy objects in, files before the directory object that names them."""
        for oid, path in sorted(objects.items(), key=lambda item: item[0].endswith(".dir")):
            self._objects.put(path, oid=oid)
        self._objects.settle()

    def fetch(self, oid: str, into: ObjectFolder) -> bool:
        """Copy one object into `into`."""
        if self._objects.size(oid) is None:
            return False
        into.put(self._objects.path(oid), oid=oid)
        into.settle()
        return True


__all__ = ["Damaged", "FolderRemote", "Remote"]
