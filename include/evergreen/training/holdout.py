"""Which rows of a use case without time are never learned from."""

from __future__ import annotations

import polars as pl

from ..errors import bounded
from ..hashing import key_texts, text_hash
from ..spec import UseCase
from ..table import own_columns
from .errors import NotEnoughData

_SALT = "evergreen holdout 1"
"""Fixed for ever: a row's side must never change, whatever the version, the seed or the machine."""
_TOP = float(1 << 64)


def held_out(rows: pl.DataFrame, use_case: UseCase) -> pl.Series:
    """True where a row is in the holdout, by a salted hash of its key alone, or of its group; about a share of
    `split.test` of them.
    """
    share = float(use_case.test_window)  # type: ignore[arg-type]
    grouped = use_case.training.split.group is not None
    texts = key_texts(rows, [group_column(use_case, rows)] if grouped else use_case.key).to_list()
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
