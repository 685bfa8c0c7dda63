"""Which text columns are what: decided on the rows the pipeline is fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from evergreen.features.frames import MISSING

_LOOKED_AT = 1000
_NAMES, _LEAST = 0.95, 50
"""Single words of which more than this share is different name the rows, if there are enough rows to tell."""
TextKind = Literal["few", "many", "text"]


class Cardinality:
    """A column selector for `ByColumn`: of `columns`, those with at most (or more than) `limit` categories. Models
    saved before there was `OfKind` hold it.
    """

    def __init__(self, columns: Sequence[str], limit: int, *, above: bool) -> None:
        self.columns = list(columns)
        self.limit = limit
        self.above = above

    def __call__(self, x: Any) -> list[str]:
        """The chosen names; `x` is the pandas frame that is being fitted."""
        return [name for name in self.columns if (x[name].nunique() > self.limit) == self.above]


class OfKind:
    """A column selector for `ByColumn`: of the text `columns`, those of one kind, as `kind_of_text` tells."""

    def __init__(self, columns: Sequence[str], kind: TextKind, limit: int) -> None:
        self.columns = list(columns)
        self.kind = kind
        self.limit = limit

    def __call__(self, x: Any) -> list[str]:
        """The chosen names; `x` is the pandas frame that is being fitted."""
        return [name for name in self.columns if kind_of_text(x[name], self.limit) == self.kind]


def kind_of_text(values: Any, limit: int) -> TextKind | None:
    """What a pandas column of text is: categories, `few` (at most `limit`) or `many`; free `text`: several words, and
    mostly different ones; or nothing to learn from: one value, or codes that are nearly all different.
    """
    different = values.unique()
    if len(different) < 2:
        return None
    if len(different) <= limit:
        return "few"
    share = len(different) / len(values)
    some = [text for text in different[:_LOOKED_AT] if text != MISSING]
    words = sum(len(text.split()) for text in some) / len(some)
    if (words >= 3 and share > 0.2) or (words >= 1.5 and share > 0.6):
        return "text"
    return None if share > _NAMES and len(values) >= _LEAST else "many"
