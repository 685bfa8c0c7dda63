"""The target of a file: which task it makes, and the rows that have it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from evergreen.errors import bounded
from evergreen.features.reading import TRUE, read_as
from evergreen.spec.hints import did_you_mean
from evergreen.tabular.columns import basic_types
from evergreen.tabular.errors import UnusableRows
from evergreen.tabular.guessed_types import reading_of
from evergreen.tasks import TASKS, Task
from evergreen.tasks.labels import Label

_NONE = "none"
"""Missing in a feature's text. Exactly so written: Python writes `None` where there is no value."""


@dataclass(frozen=True)
class FileTarget:
    """`values`: null where a row has none; `why`: how the task was found, empty where it was given."""

    values: pl.Series
    task: Task
    positive: Label | None
    why: str
    notes: tuple[str, ...] = ()


def target_of(frame: pl.DataFrame, name: str, task: Task | None, positive: str | None) -> FileTarget:
    """The target column `name` of a file's rows, as `task` needs it (None: as its values suggest).

    Raises UnusableRows where there is no such column, it has one class, or does not fit the task.
    """
    if name not in frame.columns:
        raise UnusableRows(f"there is no column `{name}` to predict{did_you_mean(name, frame.columns)}; give --target")
    text, notes = basic_types(frame.select(name)).to_series(), []
    values = _read(text)
    if text.dtype == pl.String and reading_of(text) is None and (words := _with_none(frame[name], text)) is not text:
        values = words
        notes.append(f"`{_NONE}` is taken as a class of `{name}`, not as a missing value")
    numbers = task is not None and not task.has_classes
    if numbers and values.dtype == pl.Boolean:
        values = values.cast(pl.Int64)
    elif numbers and not values.dtype.is_numeric():
        raise UnusableRows(
            f"the target `{name}` is of type {values.dtype}, and a regression needs numbers; say --task multiclass, or "
            "another --target"
        )
    if values.dtype.is_float():
        wrong = int((~values.drop_nulls().is_finite()).sum())
        if wrong:
            values = values.set(~values.is_finite().fill_null(True), None)
            notes.append(f"{wrong} rows whose target is infinite or no number are left out")
    known = values.drop_nulls()
    _check_one(known, name, frame.height)
    why = ""
    if task is None:
        task, why = _inferred(known, name)
    if task.has_classes:
        values = _as_labels(values)
        known = values.drop_nulls()
    if refused := task.refused(known, name):
        raise UnusableRows(refused)
    return FileTarget(values.alias(name), task, _positive(known, task, positive, name), why, tuple(notes))


def _with_none(column: pl.Series, values: pl.Series) -> pl.Series:
    """`values` with `none` where the column says so: missing in a feature, beside other words a class like them."""
    said = column.cast(pl.String).str.strip_chars() == _NONE
    return values.set(said.fill_null(False), _NONE) if said.any() else values


def _read(text: pl.Series) -> pl.Series:
    """Text as numbers where it is numbers; as truth values only where these are spelled in several ways."""
    if text.dtype != pl.String:
        return text
    reading = reading_of(text)
    if reading is None or reading.unread or reading.kind == "datetime":
        return text
    if reading.kind == "bool" and text.n_unique() - (text.null_count() > 0) <= 2:
        return text  # the owner's own words
    values = read_as(text, reading.kind, reading.format)
    return values.cast(pl.Int64) if reading.kind == "int" else values


def _check_one(known: pl.Series, name: str, rows: int) -> None:
    if known.is_empty():
        raise UnusableRows(f"the target `{name}` is missing in all {rows} rows; give rows with known outcomes")
    if known.n_unique() < 2:
        raise UnusableRows(
            f"the target `{name}` is the same in all {known.len()} rows that have one; there is nothing to tell apart. "
            "Give rows with at least two outcomes, or another --target."
        )


def _inferred(known: pl.Series, name: str) -> tuple[Task, str]:
    """The first task that the values look like, and why."""
    for task in TASKS.values():
        if why := task.inferred(known, name):
            return task, why
    if isinstance(known.dtype, pl.String | pl.Boolean):
        raise UnusableRows(
            f"the target `{name}` is text with {known.n_unique()} different values in {known.len()} rows, too many to "
            "be classes; give another --target, or --task multiclass if it is meant so"
        )
    raise UnusableRows(
        f"the target `{name}` is of type {known.dtype}; numbers, text and truth values can be predicted. "
        "Give another --target."
    )


def _as_labels(values: pl.Series) -> pl.Series:
    """Whole numbers rather than floats, text rather than times: what a person calls a class."""
    known = values.drop_nulls()
    if values.dtype.is_float() and bool((known == known.round()).all()):
        return values.cast(pl.Int64)
    return values if values.dtype.is_integer() or values.dtype == pl.Boolean else values.cast(pl.String)


def _positive(known: pl.Series, task: Task, said: str | None, name: str) -> Label | None:
    """The class that `probability` speaks of: the one named, else the one that says yes, else the last in order."""
    labels: list[Label] = known.unique().sort().to_list()
    if not task.has_positive:
        if said is not None:
            raise UnusableRows(f"--positive is for a binary task; the task is {task}")
        return None
    if said is not None:
        found = [label for label in labels if str(label).lower() == said.strip().lower()]
        if not found:
            raise UnusableRows(f"`{name}` is never `{said}`; --positive takes one of {bounded(labels)}")
        return found[0]
    return next((label for label in labels if str(label).lower() in TRUE), labels[-1])


def as_learned(frame: pl.DataFrame, name: str, task: Task, classes: tuple[Label, ...]) -> pl.Series | None:
    """The target of rows to predict, in the words of the model's classes; None where it can't be read so."""
    values = basic_types(frame.select(name)).to_series()
    if _NONE in classes:
        values = _with_none(frame[name], values)
    if not task.has_classes:
        return read_as(values, "float", None) if values.dtype == pl.String else values.cast(pl.Float64, strict=False)
    texts = {str(label): str(label) for label in classes}
    said = _as_labels(_read(values)).cast(pl.String) if not isinstance(classes[0], str) else values.cast(pl.String)
    known = said.is_in(list(texts))
    return said.set(~known.fill_null(True), None) if known.any() else None
