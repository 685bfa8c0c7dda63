"""The verb: judge the run's rows, part the good from the failing, and say what the version's files become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from evergreen.parquet import read_rows
from evergreen.partitions import (
    PARTITION,
    REASONS,
    keys_in,
    partition_of,
    read_keyed,
    same_rows,
    write_rows,
)
from evergreen.parts import TABLE, quarantine_path
from evergreen.quality.docs import write_docs
from evergreen.quality.errors import RunFailed, TooManyFailures
from evergreen.quality.judge import RuleResult, judge, together
from evergreen.spec import UseCase
from evergreen.table import KEY, PROVISIONAL, own_columns


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the run's rows.

    `good` and `quarantine` map tree paths to staged files that differ from the parent's; `removed` are tree paths that
    hold no row any more. `rows` were judged, `failed` of them are in quarantine now; `reasons` counts those by rule
    (a row may have several). `docs` is the page about it, None when no rule was asked.
    """

    good: dict[str, Path]
    quarantine: dict[str, Path]
    removed: tuple[str, ...]
    failed: int
    rows: int
    reasons: dict[str, int]
    docs: Path | None


def validate(
    use_case: UseCase,
    changed: Mapping[str, Path],
    touched: pl.DataFrame,
    *,
    table: Mapping[str, Path],
    quarantine: Mapping[str, Path],
    into: Path,
    removed: Collection[str] = (),
    docs: Path | None = None,
    as_of: datetime | None = None,
) -> Verdict:
    """Judge the touched rows of prepared partitions by the use case's expectations.

    `changed`, `touched` (`_key`, `partition`) and `removed` come from `prepare`; `table` and `quarantine` are the
    parent's partition files. Good and failing rows go to `into` under their tree paths; failing ones with `_reasons`
    (list of `expectation: column`). The page goes to the folder `docs`.

    - This run's rows are the touched ones that are not provisional: a provisional row is judged when it is final, and
      until then lies in the table, where nothing learns from it.
    - A rule about single rows quarantines those that break it. With `mostly` given and reached, they are tolerated and
      stay. A rule about all rows together (row count, mean …) is asked of this run's rows; broken, it fails the run.
    - Rows in quarantine are judged apart, each by itself: one that breaks a rule stays, whatever `mostly` says, and
      counts for nothing. Only where the run has all rows of the table, as a rebuild has, they are rows like the others.
    - `quarantine_at_most` counts rows that fail and were not in quarantine before, of the run's rows that were not.
    - Without expectations, or without rows to judge, Great Expectations is not even imported.

    Raises TooManyFailures, RunFailed, or PermanentError for a rule that does not fit; then nothing may be published.
    """
    rows = _read(use_case, changed)
    held = keys_in(quarantine, use_case.key).select(KEY).unique()
    whole = _is_whole(rows, touched, removed, (*table, *quarantine))
    results, judged = _judge(use_case, rows, touched, held.clear() if whole else held)
    reasons = _reasons(results, judged)
    page = None
    if results and docs is not None:
        page = write_docs(docs, use_case.name, results, judged.height, reasons.height, as_of)
    _refuse(use_case, results, judged, reasons, held, page)
    good: dict[str, Path] = {}
    failing: dict[str, Path] = {}
    gone = list(removed)
    for tree_path in sorted(changed):
        part = rows[tree_path].join(reasons, on=KEY, how="left", maintain_order="left")
        bad = part.filter(pl.col(REASONS).is_not_null())
        fine = part.filter(pl.col(REASONS).is_null()).drop(REASONS)
        _place(fine.drop(KEY), tree_path, table, into, good, gone)
        _place(bad.drop(KEY), quarantine_path(partition_of(tree_path)), quarantine, into, failing, gone)
    counted = Counter(reason for reasons_of in reasons[REASONS].to_list() for reason in reasons_of)
    removed_paths = tuple(sorted(set(gone)))
    return Verdict(good, failing, removed_paths, reasons.height, judged.height, dict(sorted(counted.items())), page)


def _read(use_case: UseCase, changed: Mapping[str, Path]) -> dict[str, pl.DataFrame]:
    for tree_path in changed:
        if not tree_path.startswith(TABLE):
            raise ValueError(f"{tree_path} is not a partition of the table")
    return {tree_path: read_keyed(path, use_case.key) for tree_path, path in changed.items()}


def _is_whole(
    rows: Mapping[str, pl.DataFrame], touched: pl.DataFrame, removed: Collection[str], parent: Collection[str]
) -> bool:
    """Whether this run's rows are all rows that there are."""
    left = {partition_of(path) for path in parent} - {partition_of(path) for path in (*rows, *removed)}
    return not left and sum(part.height for part in rows.values()) == touched.height


def _judge(
    use_case: UseCase, rows: Mapping[str, pl.DataFrame], touched: pl.DataFrame, held: pl.DataFrame
) -> tuple[list[RuleResult], pl.DataFrame]:
    """The rules' results, and the rows judged, in the order the results count them by: those `held` come last."""
    parts = [
        part.join(touched.filter(pl.col(PARTITION) == partition_of(path)).select(KEY), on=KEY, how="semi")
        for path, part in sorted(rows.items())
    ]
    if not parts:
        return [], pl.DataFrame(schema={KEY: pl.String})
    final = pl.concat(parts, how="vertical").filter(~pl.col(PROVISIONAL))
    fresh, before = final.join(held, on=KEY, how="anti"), final.join(held, on=KEY, how="semi")
    judged = pl.concat([fresh, before]).select(KEY)
    if not use_case.quality.expectations:
        return [], judged
    of_fresh, of_before = (
        judge(use_case, part.select(own_columns(part.columns))) if part.height else [] for part in (fresh, before)
    )
    return together(of_fresh, of_before, fresh.height), judged


def _reasons(results: Sequence[RuleResult], judged: pl.DataFrame) -> pl.DataFrame:
    """`_key` and `_reasons` of the rows to quarantine."""
    by_position: dict[int, list[str]] = {}
    for result in results:
        for position in result.quarantined:
            named = by_position.setdefault(position, [])
            if result.rule.name not in named:
                named.append(result.rule.name)
    positions = sorted(by_position)
    return pl.DataFrame(
        {KEY: judged[KEY].gather(positions), REASONS: [by_position[position] for position in positions]},
        schema={KEY: pl.String, REASONS: pl.List(pl.String)},
    )


def _refuse(
    use_case: UseCase,
    results: Sequence[RuleResult],
    judged: pl.DataFrame,
    reasons: pl.DataFrame,
    held: pl.DataFrame,
    page: Path | None,
) -> None:
    whole = [result.rule.name for result in results if not result.held and not result.failing]
    if whole:
        raise RunFailed(whole, judged.height, page)
    fresh = judged.join(held, on=KEY, how="anti").height
    failed = reasons.join(held, on=KEY, how="anti")
    allowed = use_case.quality.quarantine_at_most
    if failed.height > allowed * fresh:
        counts = Counter(reason for reasons_of in failed[REASONS].to_list() for reason in reasons_of)
        raise TooManyFailures(failed.height, fresh, allowed, counts, page)


def _place(
    rows: pl.DataFrame,
    tree_path: str,
    parent: Mapping[str, Path],
    into: Path,
    kept: dict[str, Path],
    gone: list[str],
) -> None:
    """Write a partition where it differs from the parent's; note it as gone where it has no rows any more."""
    if rows.is_empty():
        if tree_path in parent:
            gone.append(tree_path)
    elif tree_path not in parent or not same_rows(rows, read_rows(parent[tree_path])):
        kept[tree_path] = into / tree_path
        write_rows(rows, kept[tree_path])
