"""What git remembers of the versions: which there are, and what pointer and manifest say of each."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from evergreen.artifacts import DatasetVersion, Manifest
from evergreen.errors import PermanentError, bounded
from evergreen.versions.git import Git
from evergreen.versions.names import check_use_case, manifest_file, parse_tag, pointer_file
from evergreen.versions.tree import Pointer


class Records:
    """Reads versions from their tags. What a commit says never changes, so each is read once."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._known: dict[str, DatasetVersion] = {}

    def commits(self, use_case: str) -> dict[int, str]:
        """Return number → commit of every version, lowest first."""
        check_use_case(use_case)
        found: dict[int, str] = {}
        for ref, commit in self._git.refs(f"refs/tags/{use_case}@v*").items():
            parsed = parse_tag(ref)
            if parsed is not None and parsed[0] == use_case:
                found[parsed[1]] = commit
        return dict(sorted(found.items()))

    def head(self, use_case: str) -> DatasetVersion | None:
        """Return the newest version; None before the first."""
        commits = self.commits(use_case)
        return self._read(use_case, [max(commits)], commits)[0] if commits else None

    def get(self, use_case: str, number: int) -> DatasetVersion:
        """Return one version; PermanentError, naming what exists, when there is none of that number."""
        commits = self.commits(use_case)
        if number not in commits:
            newest_first = [f"v{one}" for one in reversed(commits)]
            there = f"there are {bounded(newest_first)}" if commits else "nothing has been published for it yet"
            raise PermanentError(f"{use_case}@v{number} doesn't exist: {there}.")
        return self._read(use_case, [number], commits)[0]

    def history(self, use_case: str) -> list[DatasetVersion]:
        """Return every version, oldest first."""
        commits = self.commits(use_case)
        return self._read(use_case, list(commits), commits)

    def manifest(self, version: DatasetVersion) -> Manifest:
        """Return what the version's manifest says."""
        (content,) = self._git.contents([f"{version.commit}:{manifest_file(version.use_case)}"])
        return _manifest(content, version.name)

    def pointer(self, version: DatasetVersion) -> Pointer:
        """Return what the version's DVC pointer says."""
        (content,) = self._git.contents([f"{version.commit}:{pointer_file(version.use_case)}"])
        return Pointer.load(content or b"", version.name)

    def _read(self, use_case: str, numbers: Sequence[int], commits: dict[int, str]) -> list[DatasetVersion]:
        new = [number for number in numbers if commits[number] not in self._known]
        names = [f"{commits[number]}:{file(use_case)}" for number in new for file in (pointer_file, manifest_file)]
        contents = iter(self._git.contents(names) if names else [])
        for number, pointer, manifest in zip(new, contents, contents, strict=False):
            name = f"{use_case}@v{number}"
            said = _manifest(manifest, name)
            if (said.use_case, said.number) != (use_case, number):
                raise PermanentError(
                    f"The tag {name} points to the manifest of {said.use_case}@v{said.number}: it was not made by a "
                    f"publish. Remove it with git tag -d {name}"
                )
            self._known[commits[number]] = DatasetVersion(
                use_case=use_case,
                number=number,
                commit=commits[number],
                tree=Pointer.load(pointer or b"", name).tree,
                data_time=said.data_time,
                rows=said.counts.get("table", 0),
            )
        return [self._known[commits[number]] for number in numbers]


def _manifest(content: bytes | None, name: str) -> Manifest:
    if content is None:
        raise PermanentError(
            f"{name} has no manifest in git: the tag was not made by a publish. Remove it with git tag -d {name}"
        )
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise PermanentError(
            f"The manifest of {name} can't be read ({error.error_count()} problems): it was written by another version "
            "of Evergreen. Use that version, or roll back to a version this one can read."
        ) from error
