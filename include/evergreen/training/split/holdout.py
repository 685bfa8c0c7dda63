"""Which rows are never learned from: those of a fixed holdout where a use case has no time, later ones where it has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from evergreen.artifacts import KeptApart
from evergreen.errors import bounded
from evergreen.hashing import key_texts, text_hash
from evergreen.spec import UseCase
from evergreen.table import AT, own_columns
from evergreen.training.errors import NotEnoughData

_SALT = "evergreen holdout 1"
"""Fixed for ever: a row's side must never change, whatever the version, the seed or the machine."""
_TOP = float(1 << 64)


def held_out(rows: pl.DataFrame, use_case: UseCase) -> pl.Series:
    """True where a row is in the holdout, by a salted hash of its key alone, or of its group; about a share of
    `split.test` of them.
    """
    grouped = use_case.training.split.group is not None
    return _in_holdout(rows, [group_column(use_case, rows)] if grouped else use_case.key, _share(use_case))


def kept_apart(use_case: UseCase, window_start: datetime | None) -> KeptApart:
    """What a model of this use case, whose gate window begins at `window_start`, does not learn from."""
    if use_case.split_by == "time":
        return KeptApart(before=window_start)
    group = use_case.training.split.group
    return KeptApart(share=_share(use_case), columns=(group,) if group is not None else use_case.key)


def unseen(rows: pl.DataFrame, apart: KeptApart) -> pl.Series:
    """True where a model whose rows were kept apart so has surely not learned from the row."""
    if apart.share is None:
        return (rows[AT] > apart.before).fill_null(False).rename("unseen")
    if not set(apart.columns) <= set(rows.columns):
        return pl.Series("unseen", [False] * rows.height, dtype=pl.Boolean)
    return _in_holdout(rows, apart.columns, apart.share)


def _share(use_case: UseCase) -> float:
    return float(use_case.test_window)  # type: ignore[arg-type]


def _in_holdout(rows: pl.DataFrame, columns: Sequence[str], share: float) -> pl.Series:
    texts = key_texts(rows, columns).to_list()
    return pl.Series("held_out", [place(text) < share for text in texts], dtype=pl.Boolean)


def group_column(use_case: UseCase, rows: pl.DataFrame) -> str:
    """The column whose values stay together. Raises NotEnoughData where the table does not have it."""
    column = str(use_case.training.split.group)
    if column not in rows.columns:
        raise NotEnoughData(
            f"`training.split.group` of `{use_case.name}` names `{column}`, which the table does not have; its columns "
            f"are {bounded(own_columns(rows.columns), 25)}"
        )
    return column


def place(key: str) -> float:
    """Where a key's text lies in [0, 1)."""
    return int(text_hash(f"{_SALT}|{key}")[:16], 16) / _TOP
