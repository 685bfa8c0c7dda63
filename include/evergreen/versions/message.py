"""The commit message of a version, so that `git log` tells what happened to the data."""

from __future__ import annotations

from evergreen.artifacts import Manifest
from evergreen.errors import bounded


def message(manifest: Manifest, parent: Manifest | None) -> str:
    """Say in the subject which version, of what time, with how many new rows of which source; the rest below it."""
    name = f"{manifest.use_case}@v{manifest.number}"
    time = manifest.data_time.strftime("%Y-%m-%dT%H:%MZ")
    before = {entry.batch for entry in parent.batches} if parent else set[str]()
    new = [entry for entry in manifest.batches if entry.batch not in before]
    rows: dict[str, int] = {}
    for entry in new:
        rows[entry.source] = rows.get(entry.source, 0) + entry.new
    if manifest.restores is not None:
        subject = f"{name}: {time}, restores v{manifest.restores}"
    elif rows:
        sources = bounded((f"{source} {count:,}" for source, count in rows.items()), 4)
        subject = f"{name}: {time}, +{sum(rows.values()):,} rows ({sources})"
    else:
        subject = f"{name}: {time}, no new rows"
    lines = [f"run: {manifest.run_id}", f"parent: {'none' if manifest.parent is None else f'v{manifest.parent}'}"]
    lines += [f"{count}: {value:,}" for count, value in sorted(manifest.counts.items())]
    lines += [
        f"batch {entry.batch[:16]}: {entry.source}, {entry.rows:,} rows, {entry.new:,} new, {entry.broken:,} broken"
        for entry in new[:20]
    ]
    if len(new) > 20:
        lines.append(f"and {len(new) - 20:,} more batches")
    return "\n".join([subject, "", *lines, ""])
