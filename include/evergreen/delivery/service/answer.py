"""From a request's JSON rows to predictions: route, validate, anonymise, look up, predict. Runs in a worker thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from evergreen.delivery.service.board import RoutedRelease, ServedUseCase
from evergreen.delivery.service.log import Entry
from evergreen.delivery.service.routes import Anonymise, Lookup, Routes, place
from evergreen.delivery.shape import FieldError, InvalidRowsError
from evergreen.errors import TransientError
from evergreen.hashing import key_texts
from evergreen.table import CUTOFF, ROW
from evergreen.tasks import task_that_said

Rows = Sequence[Mapping[str, Any]]


class ReleaseFailedError(Exception):
    """A release could not answer; `release` is its number. The cause is chained."""

    def __init__(self, release: int) -> None:
        super().__init__(f"release {release} could not answer")
        self.release = release


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of the answer, what is to be logged, and the releases that took part."""

    body: dict[str, Any]
    entries: tuple[Entry, ...]
    releases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Helpers:
    """What answering needs from outside."""

    lookup: Lookup | None
    anonymise: Anonymise | None
    new_id: Callable[[datetime], str]


def answer(serving: ServedUseCase, rows: Rows, helpers: Helpers, now: datetime) -> Answer:
    """Predict all rows.

    Raises InvalidRowsError, ReleaseFailedError, or TransientError when joined columns could not be looked up.
    """
    groups = _groups(serving, rows)
    frames: list[pl.DataFrame] = []
    errors: list[FieldError] = []
    for share, positions in groups:
        try:
            frames.append(share.shape.frame([rows[position] for position in positions], positions))
        except InvalidRowsError as error:
            errors += error.errors
    if errors:
        raise InvalidRowsError(sorted(errors, key=lambda error: error.row))
    predictions: list[dict[str, Any]] = [{}] * len(rows)
    entries = []
    for (share, positions), frame in zip(groups, frames, strict=True):
        try:
            entry = _predict(serving, share, frame, rows, positions, helpers, now)
        except InvalidRowsError as error:
            errors += error.errors
            continue
        entries.append(entry)
        for position, said in zip(positions, _spoken(entry, name_release=len(groups) > 1), strict=True):
            predictions[position] = said
    if errors:
        raise InvalidRowsError(sorted(errors, key=lambda error: error.row))
    return Answer(_body(serving, groups, predictions), tuple(entries), tuple(entry.release for entry in entries))


def _groups(serving: ServedUseCase, rows: Rows) -> list[tuple[RoutedRelease, list[int]]]:
    """Which release takes which rows, by the hash of each row's key."""
    if len(serving.shares) == 1:
        return [(serving.shares[0], list(range(len(rows))))]
    names = serving.key.fields.keys()
    keys = [{name: row[name] for name in names if name in row} for row in rows]
    texts = key_texts(serving.key.frame(keys, range(len(rows))), list(names)).to_list()
    percents = [share.percent for share in serving.shares]
    taken: dict[int, list[int]] = {}
    for position, text in enumerate(texts):
        taken.setdefault(place(serving.routes.use_case.name, text, percents), []).append(position)
    return [(serving.shares[index], positions) for index, positions in sorted(taken.items())]


def _predict(
    serving: ServedUseCase,
    share: RoutedRelease,
    frame: pl.DataFrame,
    rows: Rows,
    positions: Sequence[int],
    helpers: Helpers,
    now: datetime,
) -> Entry:
    """Predict the rows at `positions`, which are those of `frame`."""
    routes, release = serving.routes, share.loaded.release
    try:
        if serving.personal and helpers.anonymise is not None:
            frame = helpers.anonymise(routes.use_case, frame)
        if routes.use_case.serving.lookup == "latest":
            frame = _looked_up(routes, frame, rows, positions, helpers.lookup)
        inputs = frame.select(column.name for column in share.loaded.predictor.schema)
        predicted = share.loaded.predictor.predict(inputs)
    except (TransientError, InvalidRowsError):
        raise
    except Exception as error:
        raise ReleaseFailedError(release.number) from error
    return Entry(
        use_case=routes.use_case,
        release=release.number,
        model_version=release.model.version,
        dataset_version=routes.data_version,
        data_time=routes.data_time,
        made_at=now,
        ids=tuple(helpers.new_id(now) for _ in positions),
        rows=frame,
        predicted=predicted,
    )


def _looked_up(
    routes: Routes, frame: pl.DataFrame, rows: Rows, positions: Sequence[int], lookup: Lookup | None
) -> pl.DataFrame:
    """The rows with the joined columns, but those that the request itself brings."""
    if lookup is None or routes.data_version is None or routes.data_time is None:
        raise TransientError("the joined columns can't be looked up yet: there is no dataset version to look in")
    key = routes.use_case.key
    joined = frame.columns if not routes.base else [name for name in frame.columns if name not in routes.base]
    given = {name: [name in rows[position] for position in positions] for name in joined if name not in key}
    given = {name: mask for name, mask in given.items() if any(mask)}
    base = frame.select(name for name in frame.columns if name in routes.base or name in key)
    filled = lookup(routes.use_case, base, version=routes.data_version, at_most=routes.data_time)
    if filled.height != base.height:
        raise InvalidRowsError(_left_out(key, base, filled, positions))
    if not given:
        return filled
    return filled.drop(ROW, strict=False).with_columns(
        pl.when(pl.Series(mask)).then(frame[name]).otherwise(filled[name]).alias(name) for name, mask in given.items()
    )


def _left_out(
    key: Sequence[str], base: pl.DataFrame, filled: pl.DataFrame, positions: Sequence[int]
) -> list[FieldError]:
    """Which rows the use case's `where` leaves out: they are no rows of its table, so nothing is predicted for them.

    `filled` has the others in their order, so that a key that is asked for twice is found as often as it was kept.
    """
    asked = base.select(pl.col(name).cast(filled.schema[name]) for name in key)
    kept = iter(filled.select(key).iter_rows())
    left_out, next_kept = [], next(kept, None)
    for position, row in zip(positions, asked.iter_rows(), strict=True):
        if row == next_kept:
            next_kept = next(kept, None)
        else:
            left_out.append(position)
    error = "the use case leaves such rows out (`prepare.where`)"
    return [FieldError(position, ", ".join(key), error) for position in left_out]


def _spoken(entry: Entry, *, name_release: bool) -> list[dict[str, Any]]:
    """The predictions as JSON objects."""
    cutoffs = entry.rows[CUTOFF].to_list() if CUTOFF in entry.rows.columns else None
    said = []
    spoken = task_that_said(entry.predicted).spoken(entry.predicted)
    for index, (prediction_id, prediction) in enumerate(zip(entry.ids, spoken, strict=True)):
        one: dict[str, Any] = {"id": prediction_id, **prediction}
        if cutoffs is not None and cutoffs[index] is not None:
            one["cutoff"] = cutoffs[index].isoformat()
        if name_release:
            one |= {"release": entry.release, "model_version": entry.model_version}
        said.append(one)
    return said


def _body(
    serving: ServedUseCase, groups: list[tuple[RoutedRelease, list[int]]], predictions: list[dict[str, Any]]
) -> dict[str, Any]:
    only = groups[0][0].loaded.release if len(groups) == 1 else None
    data_time = serving.routes.data_time
    return {
        "predictions": predictions,
        "release": only.number if only else None,
        "model_version": only.model.version if only else None,
        "dataset_version": serving.routes.data_version,
        "data_time": data_time.isoformat() if data_time else None,
    }
