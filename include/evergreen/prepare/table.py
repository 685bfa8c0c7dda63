"""The verb: bring a version's table up to date with its source states, touching only what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from evergreen.partitions import (
    PARTITION,
    REASONS,
    keys_in,
    partition_of,
    read_keyed,
    same_rows,
    same_schema,
    write_rows,
)
from evergreen.parts import quarantine_path, table_path
from evergreen.prepare.columns import Plan, checked, plan_columns
from evergreen.prepare.moments import moments
from evergreen.prepare.rows import build_rows
from evergreen.prepare.state import NEW, read_state
from evergreen.prepare.touched import touched_keys
from evergreen.spec import UseCase
from evergreen.table import KEY, KNOWN_AT, LATE, PROVISIONAL

COUNTS = ("rebuilt", "provisional", "late_base", "labelled", "static_changes")
_NOTHING = pl.DataFrame(schema={KEY: pl.String, PARTITION: pl.String})


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `prepare` made: partition files that may differ from the parent's, not yet validated.

    `changed` maps a tree path (`table/day=2013-01-01.parquet`) to the staged file with all its rows, those quarantined
    in the parent included; of a rebuild it has every file, so that edited rules are asked of every row. `removed` are
    tree paths of the parent that hold no row any more; `touched` has `_key` and `partition` of every rebuilt row in
    `changed`; `counts` are of this run: `rebuilt`, `provisional`, `late_base` and `labelled` of the rebuilt rows, and
    `static_changes`, the past rows that a static join rewrote.
    """

    changed: dict[str, Path]
    removed: tuple[str, ...]
    touched: pl.DataFrame
    counts: dict[str, int]


def prepare(
    use_case: UseCase,
    *,
    sources: Mapping[str, Sequence[Path]],
    new: Mapping[str, Sequence[Path]],
    table: Mapping[str, Path],
    quarantine: Mapping[str, Path],
    as_of: datetime,
    parent_as_of: datetime | None,
    into: Path,
    rebuild: bool = False,
) -> Prepared:
    """Rebuild the table rows that new row versions, passed cutoffs or quarantine touch; write changed partitions.

    `sources` has all parts of every source, `new` those of them that the parent version did not have; `table` and
    `quarantine` are the parent's partition files by tree path; `parent_as_of` is its data time (None: no parent).
    Files go to `into` under their tree paths. `rebuild` builds every row anew (the use case's file has changed, say);
    so does a column that appeared or changed its type. However it is come by, the table for the same sources and data
    time is the same to the byte.

    Raises PermanentError for columns, names and expressions of the use case that do not fit the sources.
    """
    states = {name: read_state(use_case, name, sources.get(name, ()), new.get(name, ())) for name in use_case.sources}
    if not states[use_case.base].columns:
        return Prepared({}, tuple(sorted({**table, **quarantine})), _NOTHING, dict.fromkeys(COUNTS, 0))
    plan = checked(plan_columns(use_case, {name: state.columns for name, state in states.items()}))
    when = moments(use_case, states[use_case.base])
    if rebuild or parent_as_of is None or not (table or quarantine):
        return _write(use_case, plan, build_rows(use_case, plan, states, when, as_of), None, table, quarantine, into)
    held = keys_in(quarantine, use_case.key)
    touched = touched_keys(use_case, plan, states, when, parent_as_of, as_of)
    touched = pl.concat([touched, held.select(KEY)]).unique()
    rows = build_rows(use_case, plan, states, when.join(touched, on=KEY, how="semi"), as_of)
    plain = rows.drop(KEY, PARTITION)
    files = {**table, **quarantine}
    if not all(same_schema(plain, path, ignore=REASONS) for path in files.values()):
        return _write(use_case, plan, build_rows(use_case, plan, states, when, as_of), None, table, quarantine, into)
    before = states[use_case.base].filter(~pl.col(NEW))
    left = moments(use_case, before).join(touched, on=KEY, how="semi").select(KEY, PARTITION)
    return _write(use_case, plan, rows, pl.concat([left, held]).unique(), table, quarantine, into)


def _write(
    use_case: UseCase,
    plan: Plan,
    rows: pl.DataFrame,
    left: pl.DataFrame | None,
    table: Mapping[str, Path],
    quarantine: Mapping[str, Path],
    into: Path,
) -> Prepared:
    """Put rebuilt rows into their partitions. `left` says where the touched keys lay before; None: all are rebuilt."""
    parts = {str(name): part for (name,), part in rows.partition_by(PARTITION, as_dict=True).items()}
    held = {partition_of(path) for path in quarantine}
    affected = set(parts) | held
    affected |= {partition_of(path) for path in table} if left is None else set(left[PARTITION].to_list())
    touched = None if left is None else pl.concat([left.select(KEY), rows.select(KEY)]).unique()
    changed: dict[str, Path] = {}
    removed: list[str] = []
    static = 0
    for name in sorted(affected):
        tree_path = table_path(name)
        part = parts.get(name, rows.clear()).drop(PARTITION)
        parent = read_keyed(table[tree_path], use_case.key) if tree_path in table else None
        if parent is not None:
            static += _static_changes(plan, parent, part)
        full = part
        if parent is not None and touched is not None:
            full = pl.concat([parent.join(touched, on=KEY, how="anti").select(part.columns), part])
        full = full.sort(*use_case.key, KEY)
        if full.is_empty():
            removed += [path for path in (tree_path, quarantine_path(name)) if path in table or path in quarantine]
        elif left is None or name in held or parent is None or not same_rows(full.drop(KEY), parent.drop(KEY)):
            changed[tree_path] = into / tree_path
            write_rows(full.drop(KEY), changed[tree_path])
    names = [partition_of(path) for path in changed]
    kept = rows.filter(pl.col(PARTITION).is_in(names))
    return Prepared(changed, tuple(removed), kept.select(KEY, PARTITION).sort(PARTITION, KEY), _counts(rows, static))


def _static_changes(plan: Plan, parent: pl.DataFrame, rows: pl.DataFrame) -> int:
    """Past rows, not provisional even in the parent, that were built from another version of a static row."""
    lineage = [join.lineage for join in plan.joins if join.join.static and join.lineage in parent.columns]
    if not lineage:
        return 0
    both = parent.filter(~pl.col(PROVISIONAL)).join(rows, on=KEY, suffix="_new")
    return both.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_new")) for name in lineage)).height


def _counts(rows: pl.DataFrame, static: int) -> dict[str, int]:
    labelled = rows.height - rows[KNOWN_AT].null_count()
    values = (rows.height, int(rows[PROVISIONAL].sum()), int(rows[LATE].sum()), labelled, static)
    return dict(zip(COUNTS, values, strict=True))
