"""Which rows of a use case without time are never learned from."""

from __future__ import annotations

import polars as pl

from ..hashing import key_texts, text_hash
from ..spec import UseCase

_SALT = "evergreen holdout 1"
"""Fixed for ever: a row's side must never change, whatever the version, the seed or the machine."""
_TOP = float(1 << 64)


def held_out(rows: pl.DataFrame, use_case: UseCase) -> pl.Series:
    """True where a row is in the holdout, by a salted hash of its key alone; about a share of `split.test` of them."""
    share = float(use_case.test_window)  # type: ignore[arg-type]
    texts = key_texts(rows, use_case.key).to_list()
    return pl.Series("held_out", [place(text) < share for text in texts], dtype=pl.Boolean)


def place(key: str) -> float:
    """Where a key's text lies in [0, 1)."""
    return int(text_hash(f"{_SALT}|{key}")[:16], 16) / _TOP
