"""Append a batch to a source's state: only row versions that were not there already, with what joins need to know."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from evergreen.artifacts import BatchRef
from evergreen.hashing import key_texts, row_hashes
from evergreen.ingest.writer import told_when_full
from evergreen.parquet import read_rows, scan_columns
from evergreen.parts import source_path
from evergreen.table import AVAILABLE_AT, BATCH, DATA_TIME, HASH, KEY, TIME, available_at

if TYPE_CHECKING:
    from evergreen.spec import UseCase

_SEEN = "_seen"


@dataclass(frozen=True, slots=True)
class Appended:
    """A part of a source's state; `path` and `tree_path` are None when no row version was new.

    Every row of the batch is counted once: `new`, `duplicates` or `excluded`.
    """

    path: Path | None
    tree_path: str | None
    new: int
    duplicates: int
    excluded: int = 0


def append(
    use_case: UseCase,
    source: str,
    batch: BatchRef,
    known: Sequence[Path],
    into: Path,
    excluded: Collection[tuple[str, str]] = (),
) -> Appended:
    """Write the batch's new row versions to `into`/`sources/<source>/<data time>-<batch>.parquet`.

    `known` are the state's parts so far, `excluded` the (key, hash) of rows that a person took out for good. With an
    `order_by`, a row is known when its key and content are in the state; without, when its content is the key's newest,
    so a value that comes back is a version of its own. Files without a key are append-only. Raises TransientError when
    the disk is full.
    """
    spec = use_case.sources[source]
    frame = read_rows(batch.path)
    if frame.is_empty():
        return Appended(None, None, 0, 0)
    own = frame.columns
    rows = frame.with_columns(row_hashes(frame, own).alias(HASH))
    kept = _left_out(rows, spec.key, excluded)
    taken_out = rows.height - kept.height
    if spec.key:
        kept = kept.with_columns(key_texts(kept, spec.key).alias(KEY)).unique([KEY, HASH], keep="first")
        fresh = _unseen(kept, known) if spec.order_by is not None else _changed(kept, known)
    elif spec.type == "files":
        fresh = kept if batch.batch not in _batches(known) else kept.clear()
    else:
        # Databases and APIs hand out the same rows again: there, a row without a key is known by its content.
        fresh = _unseen_content(kept.unique(HASH, keep="first"), known)
    fresh = fresh.sort([KEY, HASH] if spec.key else HASH)
    if not spec.key:
        position = pl.int_range(pl.len()).cast(pl.String).str.zfill(9)
        fresh = fresh.with_columns(pl.concat_str(pl.lit(f"{batch.batch}:"), position).alias(KEY))
    duplicates = rows.height - taken_out - fresh.height
    if fresh.is_empty():
        return Appended(None, None, 0, duplicates, taken_out)
    tree_path = source_path(batch)
    path = into / tree_path
    _write(_with_origin(fresh, use_case, source, batch).select([*own, KEY, HASH, AVAILABLE_AT, BATCH, DATA_TIME]), path)
    return Appended(path, tree_path, fresh.height, duplicates, taken_out)


def _left_out(rows: pl.DataFrame, key: Sequence[str], excluded: Collection[tuple[str, str]]) -> pl.DataFrame:
    """Without the excluded rows; where there is no key, content alone says which they are."""
    if not excluded:
        return rows
    if not key:
        return rows.filter(~pl.col(HASH).is_in([content for _, content in excluded]))
    out = pl.DataFrame(list(excluded), schema={KEY: pl.String, HASH: pl.String}, orient="row")
    return rows.with_columns(key_texts(rows, key).alias(KEY)).join(out, on=[KEY, HASH], how="anti").drop(KEY)


def _unseen(rows: pl.DataFrame, known: Sequence[Path]) -> pl.DataFrame:
    seen = _state(known, [KEY, HASH]).join(rows.lazy().select(KEY).unique(), on=KEY, how="semi").collect()
    return rows.join(seen, on=[KEY, HASH], how="anti")


def _unseen_content(rows: pl.DataFrame, known: Sequence[Path]) -> pl.DataFrame:
    return rows.join(_state(known, [HASH]).unique().collect(), on=HASH, how="anti")


def _changed(rows: pl.DataFrame, known: Sequence[Path]) -> pl.DataFrame:
    """The rows that change what is known of their key, by the default order: data time, then hash.

    Where a batch brings several versions of a key, the one with the greatest hash is what it says last. Versions that
    the state does not hold are kept too, and then the last one with them, so that it stays the newest.
    """
    state = _state(known, [KEY, HASH, DATA_TIME]).join(rows.lazy().select(KEY).unique(), on=KEY, how="semi").collect()
    newest = state.sort(DATA_TIME, HASH).group_by(KEY).agg(pl.col(HASH).last().alias("_newest"))
    seen = state.select(KEY, HASH, pl.lit(True).alias(_SEEN)).unique([KEY, HASH])
    judged = rows.join(newest, on=KEY, how="left").join(seen, on=[KEY, HASH], how="left")
    unseen = pl.col(_SEEN).is_null()
    last = pl.col(HASH) == pl.col(HASH).max().over(KEY)
    moves = pl.col(HASH).ne_missing(pl.col("_newest")) | unseen.any().over(KEY)
    return judged.filter(unseen | (last & moves)).drop("_newest", _SEEN)


def _state(known: Sequence[Path], columns: Sequence[str]) -> pl.LazyFrame:
    kinds = {KEY: pl.String(), HASH: pl.String(), DATA_TIME: TIME, BATCH: pl.String()}
    return scan_columns(known, pl.Schema({name: kinds[name] for name in columns}))


def _batches(known: Sequence[Path]) -> set[str]:
    return set(_state(known, [BATCH]).unique().collect()[BATCH])


def _with_origin(rows: pl.DataFrame, use_case: UseCase, source: str, batch: BatchRef) -> pl.DataFrame:
    told = rows.with_columns(pl.lit(batch.batch).alias(BATCH), pl.lit(batch.data_time).cast(TIME).alias(DATA_TIME))
    declared = use_case.sources[source].available_at
    return told.with_columns(available_at(declared, rows.schema[declared.column] if declared is not None else TIME))


def _write(frame: pl.DataFrame, path: Path) -> None:
    with told_when_full(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path, compression="zstd", statistics=True)
