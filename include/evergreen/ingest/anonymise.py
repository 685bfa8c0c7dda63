"""Personal columns lose what is personal in them, in memory, before the first byte of a batch is written."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping

import polars as pl

from evergreen.errors import PermanentError
from evergreen.hashing import canonical
from evergreen.spec.sources import Anonymiser

MASK = "***"
_HEX_DIGITS = 24

Anonymise = Callable[[pl.Series, bytes | None], pl.Series | None]
"""From a column and the instance's key to what may be kept of it; None: nothing."""


def anonymise(frame: pl.DataFrame, personal: Mapping[str, Anonymiser], key: bytes | None) -> pl.DataFrame:
    """The frame with every personal column dropped, masked or pseudonymised; a missing value stays missing.

    Raises PermanentError when a pseudonym is wanted and there is no key.
    """
    columns: list[pl.Series] = []
    for column in frame.get_columns():
        kept = ANONYMISERS[personal[column.name]](column, key) if column.name in personal else column
        if kept is not None:
            columns.append(kept)
    return pl.DataFrame(columns)


def pseudonym(text: str, key: bytes) -> str:
    """24 hex digits that stand for a text: the same under one key, in every source; not to be undone without it."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_HEX_DIGITS]


def _drop(_column: pl.Series, _key: bytes | None) -> None:
    return None


def _mask(column: pl.Series, _key: bytes | None) -> pl.Series:
    return column.to_frame().select(pl.when(pl.col(column.name).is_not_null()).then(pl.lit(MASK)).alias(column.name))[
        column.name
    ]


def _pseudonymise(column: pl.Series, key: bytes | None) -> pl.Series:
    if not key:
        raise PermanentError(
            f"column `{column.name}` is to be pseudonymised and there is no key: hand `pseudonym_key` to extract "
            "(an instance keeps it as `pseudonym_key` among its secrets)"
        )
    texts = column.to_frame().select(canonical(column.name, column.dtype).cast(pl.String).alias(column.name))[
        column.name
    ]
    distinct = texts.unique().drop_nulls()
    names = pl.Series([pseudonym(text, key) for text in distinct.to_list()], dtype=pl.String)
    return texts.replace_strict(distinct, names, default=None, return_dtype=pl.String)


ANONYMISERS: Mapping[Anonymiser, Anonymise] = {"drop": _drop, "mask": _mask, "pseudonymise": _pseudonymise}
