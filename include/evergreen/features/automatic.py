"""What is made of columns when the use case does not say: by their types, and of text by what is in it.

| columns | linear models, neighbours, networks (`wants_scale`) | trees |
|---|---|---|
| numbers, truth values | missing ones filled with the median, one scale | as they are, where trees take missing ones |
| text of few categories | a column each | what the target is like there (cross-fitted), and a code |
| text of many categories | what the target is like there, and how often it is there | these two and a code |
| text of several words | its telling words, the main directions of all its words, its length | the same |
| text that names the rows, or is the same in all | nothing | nothing |
| times | hour, weekday, month, day; unless split by time also year and days since 1970; days between two | the same |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.columns import is_made_by
from evergreen.features.calendar import CalendarParts
from evergreen.features.categories import CategoryColumns, CategoryMeans
from evergreen.features.encoding import numbers as in_numbers
from evergreen.features.encoding import scaled
from evergreen.features.encoding import times as in_times
from evergreen.features.gaps import TimeGaps
from evergreen.features.learner import Learner
from evergreen.features.long_text import LongText
from evergreen.features.selectors import OfKind

if TYPE_CHECKING:
    from evergreen.spec import UseCase

_FEW = 20
"""Text columns with more categories than this are not taken one by one when the use case does not say."""
_MOST_GAPS = 6
"""Between more columns of times than this, no gaps are made: there would be too many."""


def by_type(
    use_case: UseCase, names: Sequence[str], columns: Mapping[str, pl.DataType], candidate: Learner, seed: int
) -> list[tuple[str, Any, Any]]:
    """What is made of columns when the use case does not say: by their types, and text by what is in it."""
    numbers, texts, times = (
        [name for name in names if is_made_by(section, columns[name])]
        for section in ("numeric", "categorical", "calendar")
    )
    parts: list[tuple[str, Any, Any]] = []
    if numbers:
        how = "none" if candidate.takes_missing else "median"
        parts.append(("numeric", in_numbers(how, scale=candidate.wants_scale), numbers))
    if texts:
        task, trees = use_case.task.name, not candidate.wants_scale
        few = CategoryMeans(task, seed, counts=False) if trees else CategoryColumns()
        many = scaled([CategoryMeans(task, seed, codes=trees)], candidate)
        parts.append(("few_categories", few, OfKind(texts, "few", _FEW)))
        parts.append(("many_categories", many, OfKind(texts, "many", _FEW)))
        parts.append(("text", scaled([LongText(task, seed)], candidate), OfKind(texts, "text", _FEW)))
    if times:
        parts.append(("calendar", in_times([CalendarParts(_clock_of(use_case))], candidate), times))
    if 1 < len(times) <= _MOST_GAPS:
        parts.append(("gaps", in_times([TimeGaps()], candidate), times))
    return parts


def _clock_of(use_case: UseCase) -> tuple[str, ...]:
    """Split by time, what only grows would be a value never seen before for every row that is judged on."""
    always = ("hour", "weekday", "month", "day")
    return always if use_case.split_by == "time" else (*always, "year", "elapsed")
