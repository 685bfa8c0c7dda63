"""Files that arrive in a folder: only those that are new or changed since the cursor are read.

The cursor holds every file read so far with the hash of its bytes, `{path below the folder: sha256}`. A file is parsed
from the same bytes that were hashed. Files are not filtered by data time: a landing folder shows what has arrived.
A file that changes while it is read is still being written and worth another try; one that is cut off is not.
"""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from evergreen.artifacts import JsonObject
from evergreen.errors import TransientError
from evergreen.ingest.errors import UnreadableFile
from evergreen.ingest.fit import fit
from evergreen.ingest.parse import parse, parse_carefully
from evergreen.ingest.parsed import Parsed, Unreadable
from evergreen.ingest.request import BROKEN_SCHEMA, Request
from evergreen.ingest.unify import unify
from evergreen.spec.sources import FilesSource


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    path: Path
    sha256: str
    parsed: Parsed


class FilesReader:
    """Reads the new files of a source, in order of their names."""

    def __init__(self, request: Request, spec: FilesSource) -> None:
        self._request, self._spec = request, spec
        self._cursor: JsonObject = dict(request.cursor or {})
        self._broken: list[tuple[str, int, str]] = []

    @property
    def cursor(self) -> JsonObject:
        """Every file ever read and the hash it had."""
        return dict(sorted(self._cursor.items()))

    @property
    def broken(self) -> pl.DataFrame:
        """Broken lines by file and line."""
        return pl.DataFrame(sorted(self._broken), schema=BROKEN_SCHEMA, orient="row")

    def frames(self) -> Generator[pl.DataFrame]:
        """All new rows as one frame, as a column's type is inferred over all of them; nothing without new files."""
        found = list(self._new_files())
        for file in found:
            self._broken += [(file.name, line, reason) for line, reason in file.parsed.broken]
        filled = [file for file in found if file.parsed.frame.width]
        if not filled:
            return
        frame, untyped = unify([file.parsed for file in filled])
        fitted = fit(frame, self._request, "text" if untyped else "loose")
        self._report(fitted.broken, filled)
        yield fitted.good

    def columns(self) -> list[str] | None:
        """The columns of the newest file by name; None without a file."""
        root, paths = matching(self._spec, self._request.landing, self._request.folder)
        if not root.is_dir():
            raise UnreadableFile(f"{self._request.where}: there is no folder {root}; create it, or change `path`")
        if not paths:
            return None
        name = paths[-1].relative_to(root).as_posix()
        return self._parsed(name, self._read(paths[-1], name)).frame.columns

    def _new_files(self) -> Iterator[_Found]:
        root, paths = matching(self._spec, self._request.landing, self._request.folder)
        for path in paths:
            name = path.relative_to(root).as_posix()
            content = self._read(path, name)
            sha256 = hashlib.sha256(content).hexdigest()
            before = self._cursor.get(name)
            if before == sha256:
                continue
            if before is not None and not self._spec.key:
                raise UnreadableFile(
                    f"{self._request.where}: the file {name} has changed since it was read, and without a key its rows "
                    "can't replace the earlier ones. Give the source a `key`, or restore the file and drop the new "
                    "rows under a new name"
                )
            yield _Found(name, path, sha256, self._parsed(name, content))
            self._cursor[name] = sha256

    def _parsed(self, name: str, content: bytes) -> Parsed:
        try:
            return parse(name, content)
        except Unreadable as error:
            raise UnreadableFile(
                f"{self._request.where}: the file {name} {error}. Put a whole file in its place, move it away, or "
                f"narrow `sources.{self._request.source}.path`"
            ) from None

    def _read(self, path: Path, name: str) -> bytes:
        try:
            before = path.stat()
            content = path.read_bytes()
            after = path.stat()
        except PermissionError:
            raise UnreadableFile(
                f"{self._request.where}: no permission to read {name}. Let this user read it"
            ) from None
        except OSError as error:
            raise TransientError(f"{self._request.where}: {name} could not be read ({type(error).__name__})") from None
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(content) != after.st_size:
            raise TransientError(f"{self._request.where}: {name} is still being written; try again when it is whole")
        return content

    def _report(self, broken: dict[int, str], files: list[_Found]) -> None:
        """Say for each row that can't be kept in which file and line it is."""
        wrong = iter(sorted(broken.items()))
        row, reason = next(wrong, (-1, ""))
        start = 0
        for file in files:
            end = start + file.parsed.frame.height
            lines: list[int] | None = None
            while start <= row < end:
                lines = lines or self._lines(file)
                self._broken.append((file.name, lines[row - start], reason))
                row, reason = next(wrong, (-1, ""))
            start = end

    def _lines(self, file: _Found) -> list[int]:
        if file.parsed.lines is not None:
            return file.parsed.lines
        content = self._read(file.path, file.name)
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise TransientError(f"{self._request.where}: {file.name} changed while it was read; try again")
        return parse_carefully(file.name, content).lines or []


def matching(spec: FilesSource, landing: Path, folder: Path) -> tuple[Path, list[Path]]:
    """The folder that names in the cursor are relative to, and the files that match now, by name. Hidden ones don't."""
    pattern = spec.path
    for placeholder, base in (("{landing}", landing), ("{use_case}", folder)):
        if pattern.startswith(f"{placeholder}/"):
            root, pattern = base, pattern.removeprefix(f"{placeholder}/")
            break
    else:
        root = folder
    if Path(pattern).is_absolute():
        fixed = Path(pattern).parent.parts
        magic = next((n for n, part in enumerate(fixed) if glob.has_magic(part)), len(fixed))
        root = Path(*fixed[:magic])
        pattern = Path(pattern).relative_to(root).as_posix()
    # pathlib's glob would take hidden files too, and a file in the making is a hidden one.
    names = glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207
    return root, [root / name for name in sorted(names) if (root / name).is_file()]
