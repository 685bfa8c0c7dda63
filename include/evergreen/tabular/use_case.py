"""The use case that one file of rows makes, in memory: no source, no version, no DAG."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from evergreen.columns import kind_of
from evergreen.spec import UseCase
from evergreen.table import AT, CUTOFF, KEY, KNOWN_AT, LATE, PROVISIONAL, TIME, label_columns
from evergreen.tabular.columns import quoted, typed, unusable_types
from evergreen.tabular.errors import UnusableRows
from evergreen.tabular.target import FileTarget, target_of
from evergreen.tabular.useless_columns import useless
from evergreen.tasks import task_named

LEAST_ROWS = 30
"""Fewer rows can't be parted into some to learn from and some to be judged by."""
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FitOptions:
    """What a person asks for beside the file; None: as the file suggests."""

    target: str
    task: str | None = None
    metric: str | None = None
    positive: str | None = None
    time: str | None = None
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileCase:
    """A use case and its table. `dropped`: columns left out, each with the reason; `unlabelled`: rows left out because
    they have no target; `notes`: what a person should know; `formats`: see `columns.Typed`.
    """

    use_case: UseCase
    rows: pl.DataFrame
    formats: dict[str, str]
    dropped: dict[str, str]
    unlabelled: int
    why_task: str
    notes: tuple[str, ...] = field(default=())


def file_case(frame: pl.DataFrame, asked: FitOptions, *, name: str, like: UseCase | None = None) -> FileCase:
    """The table and the use case of a file's rows; what `like`, a use case of the owner's, says stays as it is.

    Raises UnusableRows where the target, the metric or a named column does not fit, or no column is left.
    """
    target = target_of(frame, asked.target, task_named(asked.task) if asked.task else None, asked.positive)
    _check_named(frame, asked)
    known = target.values.is_not_null()
    rows = frame.drop(asked.target).filter(known)
    if rows.height < LEAST_ROWS:
        raise UnusableRows(
            f"the file has {rows.height} rows with a target, and {LEAST_ROWS} are needed; give a file with more"
        )
    found = typed(rows)
    dropped = dict.fromkeys(asked.drop, "as asked") | _left_out(found.rows, asked, like)
    apart = _apart(found.rows, dropped, like)
    kept = found.rows.drop([column for column in dropped if column in found.rows.columns and column not in apart])
    if not set(kept.columns) - {asked.time, *apart}:
        raise UnusableRows(
            f"no column is left to learn from: {quoted(dropped)} {'is' if len(dropped) == 1 else 'are'} "
            f"{'; '.join(sorted(set(dropped.values())))}. Give a file with more columns, or name one with --keep."
        )
    use_case = _use_case(asked, target, name, like, apart)
    table = _table(kept, target.values.filter(known), asked.time)
    return FileCase(
        use_case=use_case,
        rows=table,
        formats=found.formats,
        dropped=dropped,
        unlabelled=frame.height - rows.height,
        why_task=target.why,
        notes=(*target.notes, *(note for note in found.notes if note.split("`")[1] not in dropped)),
    )


def _check_named(frame: pl.DataFrame, asked: FitOptions) -> None:
    wanted = (*asked.drop, *asked.keep, *((asked.time,) if asked.time else ()))
    missing = [column for column in wanted if column not in frame.columns]
    if missing:
        raise UnusableRows(f"the file has no column {quoted(missing)}; its columns are {quoted(frame.columns)}")
    if asked.target in wanted:
        raise UnusableRows(f"`{asked.target}` is the target; don't name it with --drop, --keep or --time as well")


def _left_out(rows: pl.DataFrame, asked: FitOptions, like: UseCase | None) -> dict[str, str]:
    of_label = label_columns(like) if like is not None and like.target.column == asked.target else frozenset()
    if like is not None and like.features is not None:
        if early := of_label.intersection(like.features.columns()):
            raise UnusableRows(
                f"`features` of `{like.name}` names {quoted(sorted(early))}, which is known with the label only, since "
                "the target is computed of it; leave it out"
            )
        return {}
    found = unusable_types(rows)
    left = rows.drop(list(found))
    found |= {column: why for column, why in useless(left).items() if column not in asked.keep}
    found |= {column: "in the use case's key" for column in (like.key if like else ()) if column in rows.columns}
    found |= {column: "the target is computed of it" for column in sorted(of_label) if column in rows.columns}
    return {column: why for column, why in found.items() if column not in asked.drop and column != asked.time}


def _apart(rows: pl.DataFrame, dropped: dict[str, str], like: UseCase | None) -> tuple[str, ...]:
    """The columns that nothing is learned from and that rows are kept together by all the same."""
    if like is None:
        return ()
    together = {like.training.split.group, like.promotion.block}
    return tuple(name for name, kind in rows.schema.items() if name in together & dropped.keys() and kind_of(kind))


def _use_case(
    asked: FitOptions, target: FileTarget, name: str, like: UseCase | None, apart: tuple[str, ...]
) -> UseCase:
    allowed = target.task.metrics
    metric = asked.metric or (like.training.metric if like else None)
    if metric is not None and metric not in allowed:
        raise UnusableRows(f"--metric {metric} does not fit a {target.task} task; allowed are {', '.join(allowed)}")
    said: dict[str, Any] = {
        "name": re.sub(r"[^a-z0-9_]+", "_", f"{name}".lower()).strip("_0123456789")[:60] or "file",
        "task": target.task,
        "key": (KEY, *apart),
        "target": {"column": asked.target, "positive": target.positive},
        "sources": {"file": {"type": "files", "path": "{landing}/*"}},
        "training": {"metric": metric},
    }
    if asked.time is not None:
        said["event_time"] = asked.time
    if like is not None:
        training = like.training.model_dump(exclude_unset=True) | {"metric": metric}
        said |= {"name": like.name, "title": like.title, "owner": like.owner, "training": training}
        said |= {"features": like.features, "promotion": like.promotion}
    return UseCase.model_validate(said)


def _table(rows: pl.DataFrame, target: pl.Series, time: str | None) -> pl.DataFrame:
    """The rows as `prepare` would leave them: every label known when the row is."""
    at = pl.lit(None, TIME) if time is None else pl.col(time).cast(TIME)
    if time is not None:
        rows = _with_time(rows, time)
    keys = pl.Series(KEY, [f"{row:012d}" for row in range(rows.height)])
    return rows.hstack([target, keys]).with_columns(
        at.alias(AT),
        at.alias(CUTOFF),
        pl.lit(False).alias(PROVISIONAL),
        pl.lit(False).alias(LATE),
        (pl.lit(_ALWAYS, TIME) if time is None else at).alias(KNOWN_AT),
    )


def _with_time(rows: pl.DataFrame, time: str) -> pl.DataFrame:
    kind = rows.schema[time]
    if isinstance(kind, pl.Date):
        rows = rows.with_columns(pl.col(time).cast(pl.Datetime("us")))
    elif not isinstance(kind, pl.Datetime):
        raise UnusableRows(f"--time `{time}` is no column of times but of {kind}; name one with dates or times in it")
    if rows[time].null_count():
        raise UnusableRows(f"--time `{time}` is missing in {rows[time].null_count()} rows; name one that every row has")
    moved = pl.col(time) if getattr(rows.schema[time], "time_zone", None) else pl.col(time).dt.replace_time_zone("UTC")
    return rows.with_columns(moved.dt.convert_time_zone("UTC"))
