"""A folder of content-addressed files in DVC's layout (`ab/cdef…`), written so that a crash can't leave half a file.

The DVC cache and a DVC remote that is a local folder are both such folders. DVC trusts every file of mode 0444 without
looking; nothing here does: what exists is hashed before it counts.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from evergreen.errors import PermanentError, TransientError

_CHUNK = 1 << 20
_TEMPORARY = ".evergreen-tmp"
_MODE = 0o444


class Damaged(Exception):
    """A file's bytes are not those its name promises."""


def hash_file(path: Path) -> str:
    """Return the md5 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an operating system's refusal into a typed error that names `path` and the next step."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise TransientError(
                f"The disk is full: {where} could not be written, and nothing of it is used; free space and run again."
            ) from error
        if error.errno in (errno.EIO, errno.EMFILE, errno.ENFILE, errno.ESTALE, errno.EAGAIN):
            raise TransientError(f"{where}: {error.strerror}. Run again; if it stays so, check the disk.") from error
        raise PermanentError(
            f"{where}: {error.strerror or type(error).__name__}. Check that the file exists and its folder is writable."
        ) from error


class ObjectFolder:
    """Files under their md5. Adding is durable once `settle` has returned."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._verified: dict[str, tuple[int, int, int]] = {}
        self._unsettled: set[Path] = set()

    def path(self, oid: str) -> Path:
        """Return where the object lies, whether it exists or not; `oid` is an md5, with `.dir` for a tree."""
        return self.folder / oid[:2] / oid[2:]

    def size(self, oid: str) -> int | None:
        """Return the object's size in bytes; None when it is absent."""
        try:
            return self.path(oid).stat().st_size
        except FileNotFoundError:
            return None

    def intact(self, oid: str) -> bool:
        """Say whether the object exists with the bytes its name promises. Unchanged files are hashed once."""
        path = self.path(oid)
        try:
            before = _identity(path)
            if self._verified.get(oid) == before:
                return True
            if hash_file(path) != oid.partition(".")[0]:
                return False
        except FileNotFoundError:
            return False
        self._verified[oid] = before
        return True

    def discard(self, oid: str) -> None:
        """Remove a damaged object, so that DVC can't trust it either."""
        self._verified.pop(oid, None)
        self.path(oid).unlink(missing_ok=True)

    def put(self, source: Path, *, oid: str | None = None) -> tuple[str, int]:
        """Copy `source` in under its md5 and return md5 and size in bytes.

        With `oid` given, raises Damaged when the bytes are not those. An equal object that exists is kept.
        """
        with disk_errors(source), source.open("rb") as file:
            return self._write(iter(lambda: file.read(_CHUNK), b""), oid=oid, suffix="")

    def put_bytes(self, content: bytes, *, suffix: str = "") -> str:
        """Add `content` under its md5 + `suffix` and return that name."""
        return self._write(iter((content,)), oid=None, suffix=suffix)[0]

    def settle(self) -> None:
        """Make every addition so far survive a power cut (fsync of the folders)."""
        for folder in sorted(self._unsettled):
            with disk_errors(folder):
                fsync(folder)
        self._unsettled.clear()

    def all(self) -> Iterator[str]:
        """Yield the names of all objects."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            yield path.parent.name + path.name

    def sweep(self) -> None:
        """Remove what interrupted writers left. Call it only while nobody writes."""
        for path in (self.folder / _TEMPORARY).glob("*"):
            path.unlink(missing_ok=True)

    def _write(self, chunks: Iterator[bytes], *, oid: str | None, suffix: str) -> tuple[str, int]:
        temporary = self.folder / _TEMPORARY / f"{os.getpid()}-{secrets.token_hex(8)}"
        digest, size = hashlib.md5(usedforsecurity=False), 0
        with disk_errors(temporary):
            self._make(temporary.parent)
            try:
                with temporary.open("xb") as file:
                    for chunk in chunks:
                        digest.update(chunk)
                        size += len(chunk)
                        file.write(chunk)
                    file.flush()
                    os.fchmod(file.fileno(), _MODE)
                    os.fsync(file.fileno())
                found = digest.hexdigest()
                if oid is not None and oid.partition(".")[0] != found:
                    raise Damaged(oid)
                if hash_file(temporary) != found:
                    raise TransientError(f"{temporary} reads back other bytes than were written: check the disk.")
                name = oid or found + suffix
                self._place(temporary, name)
            finally:
                # A missing temporary was renamed into place.
                with suppress(OSError):
                    temporary.unlink()
        return name, size

    def _place(self, temporary: Path, oid: str) -> None:
        target = self.path(oid)
        self._make(target.parent)
        self._unsettled.add(target.parent)
        if self.intact(oid):
            # Someone else's object counts from now on too: it may still be in memory only.
            fsync(target)
            return
        temporary.replace(target)
        self._verified[oid] = _identity(target)

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self._unsettled.update(one.parent for one in missing)


def _identity(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def fsync(path: Path) -> None:
    """Make what the operating system knows of a file or a folder's names survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
