"""Ways to deal rows out to k parts: each returns a part's number, 0…k−1, for every row."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from evergreen.hashing import key_texts
from evergreen.spec import UseCase
from evergreen.training.errors import NotEnoughData
from evergreen.training.split.holdout import group_column, place

Parts = np.ndarray[Any, Any]
_SALT = "evergreen folds 1"


def random_parts(rows: pl.DataFrame, number: int, seed: int) -> Parts:
    """Parts of one size, at random."""
    return _dealt(np.random.default_rng(seed).permutation(rows.height), number)


def stratified_parts(use_case: UseCase, rows: pl.DataFrame, number: int, seed: int) -> Parts:
    """Rows are dealt out in random order, class after class, so that each part has its share of every class."""
    order = np.random.default_rng(seed).permutation(rows.height)
    strata = use_case.task.strata(rows[use_case.target.column])
    if strata is not None:
        order = order[np.argsort(strata[order], kind="stable")]
    return _dealt(order, number)


def group_parts(use_case: UseCase, rows: pl.DataFrame, number: int, seed: int) -> Parts:
    """Rows of one group in one part; parts of about one size, and with about their share of every class.

    Raises NotEnoughData where there are fewer groups than parts.
    """
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    column = group_column(use_case, rows)
    groups = rows[column].rank("dense").fill_null(0).to_numpy()
    there = len(np.unique(groups))
    if there < number:
        raise NotEnoughData(
            f"`{use_case.name}` has {there} groups by `{column}`, fewer than its {number} folds; set fewer "
            "`training.split.folds`"
        )
    strata = use_case.task.strata(rows[use_case.target.column])
    kind = GroupKFold if strata is None else StratifiedGroupKFold
    part = np.empty(rows.height, dtype=np.int64)
    for index, (_, judge) in enumerate(kind(number, shuffle=True, random_state=seed).split(groups, strata, groups)):
        part[judge] = index
    return part


def hash_parts(use_case: UseCase, rows: pl.DataFrame, number: int) -> Parts:
    """By a salted hash of the key: a row's part stays, whatever rows are beside it."""
    texts = key_texts(rows, use_case.key).to_list()
    return np.array([int(place(f"{_SALT}|{text}") * number) for text in texts], dtype=np.int64)


def _dealt(order: Parts, number: int) -> Parts:
    part = np.empty(len(order), dtype=np.int64)
    part[order] = np.arange(len(order)) % number
    return part
