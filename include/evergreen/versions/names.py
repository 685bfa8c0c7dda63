"""How versions are called in the data registry: tags, the two files in git, and the paths inside a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from evergreen.errors import PermanentError

MAIN = "refs/heads/main"
_USE_CASE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_TAG = re.compile(r"refs/tags/(?P<use_case>[A-Za-z][A-Za-z0-9_-]*)@v(?P<number>[1-9][0-9]*)")


def tag(use_case: str, number: int) -> str:
    """Return the ref that a version is: `refs/tags/flights@v12`."""
    return f"refs/tags/{use_case}@v{number}"


def parse_tag(ref: str) -> tuple[str, int] | None:
    """Return use case and number of a version's ref; None for any other ref."""
    found = _TAG.fullmatch(ref)
    return None if found is None else (found["use_case"], int(found["number"]))


def pointer_file(use_case: str) -> str:
    """Return the name of the DVC pointer: `flights.dvc`."""
    return f"{use_case}.dvc"


def manifest_file(use_case: str) -> str:
    """Return the name of the manifest beside the pointer: `flights.manifest.json`."""
    return f"{use_case}.manifest.json"


def check_use_case(use_case: str) -> None:
    """Refuse a name that could not be a git tag, a file name and a folder at once."""
    if not _USE_CASE.fullmatch(use_case):
        raise PermanentError(
            f"Use case name {use_case[:60]!r} can't name a version: start with a letter, then letters, digits, - and _."
        )


def check_paths(paths: Iterable[str]) -> None:
    """Refuse tree paths that are not plain relative paths, or of which one is the folder of another."""
    names = set(paths)
    for name in names:
        parts = name.split("/")
        if "\\" in name or "\0" in name or any(part in ("", ".", "..") for part in parts):
            raise PermanentError(
                f"{name[:120]!r} can't be a path in a dataset version: use relative paths like "
                "table/day=2013-01-05.parquet."
            )
    for name in names:
        for folder in PurePosixPath(name).parents:
            if str(folder) in names:
                raise PermanentError(
                    f"{str(folder)[:120]!r} would be both a file and a folder of the dataset version: rename one."
                )
