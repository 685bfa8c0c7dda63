"""The files of a version: from the cache when its bytes are right, else from the remote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from evergreen.artifacts import DatasetVersion
from evergreen.errors import PermanentError, TransientError
from evergreen.versions.objects import Damaged, ObjectFolder, disk_errors
from evergreen.versions.remote import Remote
from evergreen.versions.tree import load_tree

_LIST = "its list of files"


class Contents:
    """Reads versions through the cache and keeps the remote complete."""

    def __init__(self, cache: ObjectFolder, remote: Remote) -> None:
        self.cache = cache
        self.remote = remote
        self._trees: dict[str, dict[str, str]] = {}

    def entries(self, version: DatasetVersion) -> dict[str, str]:
        """Return tree path → md5, in the order of the paths."""
        return self.tree(version.tree, version.name)

    def tree(self, tree: str, name: str) -> dict[str, str]:
        """Return what a directory object holds (tree path → md5); `name` is for messages."""
        if tree not in self._trees:
            self._trees[tree] = load_tree(self._object(tree, _LIST, name).read_bytes())
        return self._trees[tree]

    def files(self, version: DatasetVersion, prefix: str = "") -> dict[str, Path]:
        """Return tree path → verified file of the cache, fetching what is missing or damaged."""
        return {
            path: self._object(oid, path, version.name)
            for path, oid in self.entries(version).items()
            if path.startswith(prefix)
        }

    def push(self, version: DatasetVersion) -> None:
        """Upload what the remote lacks of a version."""
        files = {oid: path for path, oid in self.entries(version).items()} | {version.tree: _LIST}
        sizes = {oid: self.cache.size(oid) for oid in files}
        lost = [oid for oid, size in sizes.items() if size is None]
        for oid in lost:
            sizes[oid] = self._object(oid, files[oid], version.name).stat().st_size
        missing = self.remote.missing({oid: size for oid, size in sizes.items() if size is not None})
        # Damaged bytes must never become the second copy: what goes out is verified like any read.
        objects = {oid: self._object(oid, files[oid], version.name) for oid in sorted(missing)}
        try:
            if objects:
                self.remote.upload(objects)
        except Damaged as error:
            raise TransientError(f"A file of {version.name} changed while it was pushed: push it again.") from error

    def problems(self, version: DatasetVersion) -> list[str]:
        """Return what is wrong with a version's files, one sentence each; nothing is repaired."""
        step = f"reading {version.name} fetches it again from the remote {self.remote.url}"
        found = []
        if not self.cache.intact(version.tree):
            return [f"{version.name}: {_LIST} is missing or damaged in the cache; {step}."]
        entries = self.entries(version)
        for path, oid in entries.items():
            if self.cache.size(oid) is None:
                found.append(f"{version.name}: {path} is missing in the cache; {step}.")
            elif not self.cache.intact(oid):
                found.append(f"{version.name}: {path} is damaged in the cache; {step}.")
        names = {oid: path for path, oid in entries.items()} | {version.tree: _LIST}
        sizes = {oid: size for oid in names if (size := self.cache.size(oid)) is not None}
        return found + [
            f"{version.name}: {names[oid]} is missing or cut short in the remote {self.remote.url}; push it again."
            for oid in sorted(self.remote.missing(sizes), key=names.__getitem__)
        ]

    def store(self, changed: Mapping[str, Path]) -> dict[str, str]:
        """Put files into the cache and return tree path → md5. Durable after `settle`."""
        return {path: self.cache.put(source)[0] for path, source in changed.items()}

    def size(self, oids: Iterable[str]) -> int | None:
        """Return the bytes of all objects; None when one of them isn't in the cache."""
        sizes = [self.cache.size(oid) for oid in oids]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None

    def _object(self, oid: str, what: str, name: str) -> Path:
        path = self.cache.path(oid)
        with disk_errors(path):
            if self.cache.intact(oid):
                return path
            state = "missing" if self.cache.size(oid) is None else "damaged"
            self.cache.discard(oid)
        try:
            if self.remote.fetch(oid, self.cache):
                return path
            there = "does not have it"
        except Damaged:
            there = "has a damaged copy"
        raise PermanentError(
            f"{name}: {what} ({oid}) is {state} in the cache and the remote {self.remote.url} {there}. "
            "Restore the remote from a backup, or roll back to a version whose files are whole."
        )
