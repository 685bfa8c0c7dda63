"""Freeze what one training works on: rows to learn from, and the gate window that the search never sees."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from evergreen.artifacts import Snapshot
from evergreen.features.target import classes_of
from evergreen.hashing import file_sha256, key_texts
from evergreen.spec import UseCase
from evergreen.table import AT, KNOWN_AT, LATE, PROVISIONAL, closed, mature, usable
from evergreen.training.errors import NotEnoughData
from evergreen.training.split.holdout import held_out, place

LEAST_ROWS = 30
"""Fewer rows to learn from than this is not enough data."""


def snapshot(use_case: UseCase, table: pl.LazyFrame, *, as_of: datetime, into: Path) -> Snapshot:
    """Split a version's table as of a data time, and write the parts into `into`.

    By time the gate window ends at the newest mature row's time and is `split.test` long; rows to learn from are those
    that were mature at its start, so that nothing in the search knows a label that was not known then. A row whose
    label came between, or that lies within `split.gap` of the window, is in neither. By hash the window is the fixed
    holdout. `training.max_rows` keeps the newest; without time those whose label became known last, and of those known
    at once a fixed choice by the key's hash. The same table and `as_of` give the same rows in the same order.

    Raises NotEnoughData (with counts and the next step) and UnusableTarget.
    """
    rows = table.collect()
    if rows.is_empty():
        raise NotEnoughData(f"the table of `{use_case.name}` has no rows yet; ingest some and train again")
    known = mature(rows, use_case, as_of)
    counts = _counts(use_case, rows, known, as_of)
    if known.is_empty():
        raise NotEnoughData(_nothing_mature(use_case, counts))
    start: datetime | None = None
    end: datetime | None = None
    if use_case.split_by == "time":
        order = [AT, *use_case.key]
        start, end = _window(use_case, known)
        window, train, refit = known.filter(pl.col(AT) > start), mature(rows, use_case, start), known
        if use_case.training.split.gap:
            train = train.filter(pl.col(AT) < start - use_case.training.split.gap)
    else:
        order = [AT, *use_case.key] if use_case.at is not None else list(use_case.key)
        held = held_out(known, use_case)
        window, train = known.filter(held), known.filter(~held)
        refit = train
    train, window, refit = (_ordered(part, order) for part in (train, window, refit))
    train, refit = (_newest(use_case, part) for part in (train, refit))
    if train.height < LEAST_ROWS:
        raise NotEnoughData(_too_few(use_case, train.height, window.height, start))
    classes_of(use_case, train[use_case.target.column])
    counts |= {"train": train.height, "window": window.height}
    into.mkdir(parents=True, exist_ok=True)
    train_path, train_hash = _write(train, into / "train.parquet")
    window_path, window_hash = _write(window, into / "window.parquet")
    refit_path, refit_hash = _write(refit, into / "refit.parquet") if use_case.training.refit else (None, None)
    return Snapshot(
        use_case=use_case.name,
        as_of=as_of,
        train=train_path,
        train_sha256=train_hash,
        train_rows=train.height,
        window=window_path,
        window_sha256=window_hash,
        window_rows=window.height,
        window_start=start,
        window_end=end,
        refit=refit_path,
        refit_sha256=refit_hash,
        counts=counts,
    )


def with_window(snapshot: Snapshot, window: pl.DataFrame, start: datetime | None) -> Snapshot:
    """The same snapshot with a part of its gate window, written beside it, that begins at `start`."""
    path, sha256 = _write(window, snapshot.window.with_name("window-common.parquet"))
    return snapshot.model_copy(
        update={"window": path, "window_sha256": sha256, "window_rows": window.height, "window_start": start}
    )


def _window(use_case: UseCase, known: pl.DataFrame) -> tuple[datetime, datetime]:
    end = known[AT].max()
    assert isinstance(end, datetime)  # noqa: S101 - a mature row by time has a time
    assert isinstance(use_case.test_window, timedelta)  # noqa: S101 - checked when the use case was read
    return end - use_case.test_window, end


def _ordered(rows: pl.DataFrame, order: list[str]) -> pl.DataFrame:
    return rows.sort(order, maintain_order=True)


def _newest(use_case: UseCase, rows: pl.DataFrame) -> pl.DataFrame:
    """At most `max_rows` of rows in order, in the same order."""
    most = use_case.training.max_rows
    if most is None or rows.height <= most:
        return rows
    if use_case.at is not None:
        return rows.tail(most)
    places = pl.Series("place", [place(text) for text in key_texts(rows, use_case.key).to_list()])
    newest = rows.select(KNOWN_AT, places).with_row_index("row").sort(KNOWN_AT, "place", maintain_order=True)
    return rows[newest["row"].tail(most).sort()]


def _write(rows: pl.DataFrame, path: Path) -> tuple[Path, str]:
    rows.write_parquet(path, compression="zstd", statistics=True)
    return path, file_sha256(path)


def _counts(use_case: UseCase, rows: pl.DataFrame, known: pl.DataFrame, as_of: datetime) -> dict[str, int]:
    useful = usable(rows)
    unlabelled = useful.filter(pl.col(KNOWN_AT).is_null() | pl.col(use_case.target.column).is_null())
    return {
        "table": rows.height,
        "provisional": int(rows[PROVISIONAL].sum()),
        "late_base": int(rows[LATE].sum()),
        "unlabelled": unlabelled.height,
        "closed": unlabelled.filter(closed(use_case, pl.col(AT), as_of)).height,
        "mature": known.height,
    }


def _nothing_mature(use_case: UseCase, counts: dict[str, int]) -> str:
    said = (
        f"no row of `{use_case.name}` has a mature label yet: of {counts['table']} rows {counts['late_base']} became "
        f"available after their cutoff, {counts['provisional']} lie in the future and {counts['unlabelled']} of the "
        "rest have no label"
    )
    if counts["closed"]:
        said += f"; {counts['closed']} of these will not get one any more, by `target.never_after`"
    if counts["late_base"] * 2 > counts["table"]:
        return (
            f"{said}. Most rows came too late to be predicted: declare `available_at` on source `{use_case.base}` if "
            "the rows were known earlier than they were ingested, or shorten `predict.lead`."
        )
    if counts["unlabelled"]:
        where = f"source `{use_case.outcome}`" if use_case.outcome else f"column `{use_case.target.column}`"
        return f"{said}. Wait until labels arrive, or look at {where} and `target.expression`."
    return f"{said}. Labels are not older than `target.mature_after`; ingest later data and train again."


def _too_few(use_case: UseCase, train: int, window: int, start: datetime | None) -> str:
    said = f"`{use_case.name}` has {train} rows to learn from and {LEAST_ROWS} are needed"
    if start is None:
        return f"{said} ({window} are held out for the gate); ingest more rows"
    return (
        f"{said}: their labels have to be known before the gate window, which begins {start:%Y-%m-%d %H:%M} UTC and "
        f"has {window} rows. Ingest a longer history, or shorten `training.split.test`."
    )
