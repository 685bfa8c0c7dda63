"""Counts of a whole table, for the manifest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from evergreen.parquet import read_rows
from evergreen.table import KNOWN_AT, LATE, PROVISIONAL


def totals(files: Iterable[Path]) -> dict[str, int]:
    """Rows of partition files: `table` (all), `provisional`, `late_base`, `labelled` (of the usable ones)."""
    counts = dict.fromkeys(("table", "provisional", "late_base", "labelled"), 0)
    for path in files:
        rows = read_rows(path, [PROVISIONAL, LATE, KNOWN_AT])
        usable = ~rows[PROVISIONAL] & ~rows[LATE]
        counts["table"] += rows.height
        counts["provisional"] += int(rows[PROVISIONAL].sum())
        counts["late_base"] += int((rows[LATE] & ~rows[PROVISIONAL]).sum())
        counts["labelled"] += int((rows[KNOWN_AT].is_not_null() & usable).sum())
    return counts
