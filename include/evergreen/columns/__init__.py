"""What a column holds: one kind a file. A kind knows its type, its JSON form, how a request is checked, how drift is
seen and how a behavioural test moves it.
"""

from __future__ import annotations

import polars as pl

from evergreen.columns.base import ColumnKind
from evergreen.columns.comparison import CATEGORIES, NUMBERS, Comparison
from evergreen.columns.day import Day
from evergreen.columns.integer import Integer
from evergreen.columns.moment import Moment
from evergreen.columns.number import Number
from evergreen.columns.text import Text
from evergreen.columns.truth import Truth

__all__ = [
    "CATEGORIES",
    "KINDS",
    "NUMBERS",
    "ColumnKind",
    "Comparison",
    "is_made_by",
    "kind_named",
    "kind_of",
    "kind_written",
]

_TEXT = Text()
KINDS: dict[str, ColumnKind] = {kind.name: kind for kind in (Truth(), Integer(), Number(), _TEXT, Moment(), Day())}


def kind_named(name: str) -> ColumnKind:
    """The kind that a model's schema calls `name`."""
    return KINDS[name]


def kind_of(dtype: pl.DataType) -> ColumnKind | None:
    """The kind a model takes a Polars type for; None for types that no feature is made from."""
    return next((kind for kind in KINDS.values() if kind.holds(dtype)), None)


def is_made_by(section: str, dtype: pl.DataType) -> bool:
    """Whether a section of `features:` makes features from columns of this Polars type."""
    kind = kind_of(dtype)
    return kind is not None and kind.section == section


def kind_written(polars_type: str) -> ColumnKind:
    """The kind of a Polars type's name, as manifests have it: `Int64` is an integer. Any other is text."""
    name = polars_type.partition("(")[0]
    return next((kind for kind in KINDS.values() if name.startswith(kind.written)), _TEXT)
