"""How the rows to learn from are split again, to compare configurations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from evergreen.spec import UseCase
from evergreen.table import AT, mature
from evergreen.training.errors import NotEnoughData
from evergreen.training.split.deal import group_parts, hash_parts, random_parts, stratified_parts

Positions = np.ndarray[Any, Any]
POSITION = "_position"

_LEAST = 20
"""A fold with fewer rows to learn from, or fewer to be judged on than a quarter of this, is left out."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Positions (ascending) of the rows to learn from and of those to be judged on; `known_by` is the moment the
    labels of the former were known.
    """

    learn: Positions
    judge: Positions
    known_by: datetime | None


def folds(use_case: UseCase, rows: pl.DataFrame, seed: int) -> list[Fold]:
    """As `training.split` says. By time: expanding folds, each learning from the rows that were mature, and further
    away than the gap, when its rows begin. Else: K parts, each judged once by what is learned from the others.

    Raises NotEnoughData where not one fold has rows to learn from and to be judged on.
    """
    split = use_case.training.split
    if use_case.folds_by == "time":
        found = _by_time(use_case, rows, split.folds)
    else:
        times = split.repeats if split.method == "repeated" else 1
        found = [fold for time in range(times) for fold in _dealt(use_case, rows, split.folds, seed + time)]
    if split.method == "holdout":
        found = found[-1:]
    target = rows[use_case.target.column]
    good = [fold for fold in found if _usable(use_case, target, fold)]
    if not good:
        raise NotEnoughData(
            f"the {rows.height} rows of `{use_case.name}` can't be split into folds that each have labels known in time"
            f"{' of at least two classes' if use_case.task.has_classes else ''}; ingest a longer history, or set "
            "fewer `training.split.folds`"
        )
    return good


def _by_time(use_case: UseCase, rows: pl.DataFrame, number: int) -> list[Fold]:
    times = rows[AT].sort()
    cuts = [times[times.len() * part // (number + 1)] for part in range(1, number + 1)]
    ends = [*cuts[1:], None]
    numbered = rows.with_row_index(POSITION)
    made = []
    for start, end in zip(cuts, ends, strict=True):
        after = pl.col(AT) >= start
        judge = numbered.filter(after if end is None else after & (pl.col(AT) < end))
        learn = mature(numbered, use_case, start).filter(pl.col(AT) < start - use_case.training.split.gap)
        made.append(Fold(_positions(learn), _positions(judge), start))
    return made


def _positions(rows: pl.DataFrame) -> Positions:
    return rows[POSITION].to_numpy().astype(np.int64)


def _dealt(use_case: UseCase, rows: pl.DataFrame, number: int, seed: int) -> list[Fold]:
    by = use_case.folds_by
    if by == "group":
        part = group_parts(use_case, rows, number, seed)
    elif by == "hash":
        part = hash_parts(use_case, rows, number)
    elif by == "random":
        part = random_parts(rows, number, seed)
    else:
        part = stratified_parts(use_case, rows, number, seed)
    return [Fold(np.flatnonzero(part != fold), np.flatnonzero(part == fold), None) for fold in range(number)]


def _usable(use_case: UseCase, target: pl.Series, fold: Fold) -> bool:
    if len(fold.learn) < _LEAST or len(fold.judge) < _LEAST / 4:
        return False
    return use_case.task.learnable(target[fold.learn], target[fold.judge])
