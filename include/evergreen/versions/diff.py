"""What differs between two versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evergreen.artifacts import DatasetVersion, JsonObject, Manifest


@dataclass(frozen=True)
class VersionDiff:
    """From version `before` to version `after`: tree paths, numbers of rows, cursors and batches."""

    before: DatasetVersion
    after: DatasetVersion
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    counts_before: dict[str, int]
    counts_after: dict[str, int]
    cursors_before: dict[str, JsonObject]
    cursors_after: dict[str, JsonObject]
    batches_added: tuple[str, ...]
    batches_removed: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many more rows the table has."""
        return self.after.rows - self.before.rows

    @property
    def empty(self) -> bool:
        """Whether both have the same files."""
        return not (self.added or self.removed or self.changed)


def compare(
    before: tuple[DatasetVersion, Manifest, Mapping[str, str]],
    after: tuple[DatasetVersion, Manifest, Mapping[str, str]],
) -> VersionDiff:
    """Compare two versions, each given with its manifest and its tree (path → md5)."""
    (old, said_then, then), (new, said_now, now) = before, after
    batches_then = [entry.batch for entry in said_then.batches]
    batches_now = [entry.batch for entry in said_now.batches]
    known_then, known_now = set(batches_then), set(batches_now)
    return VersionDiff(
        before=old,
        after=new,
        added=tuple(sorted(now.keys() - then.keys())),
        removed=tuple(sorted(then.keys() - now.keys())),
        changed=tuple(path for path in sorted(now.keys() & then.keys()) if now[path] != then[path]),
        counts_before=said_then.counts,
        counts_after=said_now.counts,
        cursors_before=said_then.cursors,
        cursors_after=said_now.cursors,
        batches_added=tuple(batch for batch in batches_now if batch not in known_then),
        batches_removed=tuple(batch for batch in batches_then if batch not in known_now),
    )
