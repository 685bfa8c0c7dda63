"""Columns that nothing can be learned from, told without the target: empty, constant, counting or naming the rows."""

from __future__ import annotations

import re

import polars as pl

_COUNTER = re.compile(
    r"^(index|idx|unnamed.*|column_1|row_?(names?|num(ber)?|id|index)?|obs(ervation)?|case|order|no|nr|id|.*[_ .]id|"
    r"columnindex|column__index_level.*)$"
)
_IDENTIFIER = re.compile(r"^(id|key|uuid|guid|.*[_ .-](id|uuid|guid|key))$|.*[a-z]I[Dd]$")
_TIME = re.compile(r"(time|year|month|week|day|date|hour|period|age|dose)", re.IGNORECASE)
_LEAST = 20
"""With fewer rows a column whose values all differ proves nothing."""
_NAMES = 0.95
"""A text column of codes with so many different values names its rows."""


def useless(frame: pl.DataFrame) -> dict[str, str]:
    """The columns to leave out, each with its reason. What the heuristics get wrong, a person can say (`--keep`)."""
    found: dict[str, str] = {}
    twins: dict[tuple[object, ...], list[str]] = {}
    for place, name in enumerate(frame.columns):
        series = frame.get_column(name)
        reason = _reason(series, place)
        same = twins.setdefault((series.dtype, series.null_count(), series.n_unique(), _ends(series)), [])
        if reason is None:
            twin = next((other for other in same if frame.get_column(other).equals(series, check_names=False)), None)
            reason = f"the same as `{twin}`" if twin is not None else None
        same.append(name)
        if reason is not None:
            found[name] = reason
    return found


def _ends(series: pl.Series) -> tuple[object, ...]:
    return (str(series[0]), str(series[-1]))


def _reason(series: pl.Series, place: int) -> str | None:
    nulls, rows = series.null_count(), series.len()
    if nulls == rows:
        return "empty"
    if series.n_unique() == 1:
        return "the same in every row"
    if rows < _LEAST:
        return None
    if series.dtype.is_integer():
        return _counting(series, place)
    if series.dtype == pl.String:
        return _naming(series, rows - nulls)
    return None


def _counting(series: pl.Series, place: int) -> str | None:
    """Row numbers: each once, in the file's order from 0 or 1. And whole numbers that are called an identifier."""
    if series.null_count() or series.n_unique() < series.len():
        return None
    name, first = series.name, series[0]
    steps = series.cast(pl.Int64, strict=False).diff().drop_nulls()
    counts = first in {0, 1} and bool((steps == 1).all())
    if counts and (_COUNTER.match(name.lower()) or (place == 0 and not _TIME.search(name))):
        return "only numbers the rows"
    return "names the rows, each once" if _IDENTIFIER.match(name) or _COUNTER.match(name.lower()) else None


def _naming(series: pl.Series, known: int) -> str | None:
    """Codes such as UUIDs or e-mail addresses, nearly all different. Texts of several words are not codes."""
    if series.n_unique() - (known < series.len()) < _NAMES * known:
        return None
    words = series.drop_nulls().head(1000).str.split(" ").list.len().mean()
    if isinstance(words, float) and words >= 1.5:
        return None
    return "names the rows: nearly every value is there once"
