"""What a column of text really is: numbers, truth values, times, or text after all."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from evergreen.features.reading import COMMA, FALSE, NO_NUMBER, PLAIN, TRUE, numbers, read_as, trimmed

ENOUGH = 0.98
"""So many of the texts have to be readable; the others then count as missing."""
_PROBE = 200
_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%m/%d/%y", "%d/%m/%y", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%y", "%d.%m.%Y", "%m-%d-%Y",
    "%d-%m-%Y", "%d-%B-%y", "%d-%B-%Y", "%d %B %Y", "%B %d, %Y", "%B %d %Y", "%Y-%B-%d", "%a, %d %B %Y",
)  # fmt: skip
_CLOCKS = (
    "",
    " %H:%M",
    " %H:%M:%S%.f",
    "T%H:%M",
    "T%H:%M:%S%.f",
    "T%H:%M:%S%.f%#z",
    " %H:%M:%S%.f%#z",
    " %I:%M %p",
    " %I:%M:%S %p",
)
FORMATS = (*(f"{date}{clock}" for date in _DATES for clock in _CLOCKS), "%Y%m%dT%H%M%S")
"""Tried in this order; where days and months can't be told apart, the month comes first."""
_YEARS = (1400, 2600)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column of text is read: its kind, its format (see `features.reading`), and how many of its texts could not
    be read and count as missing.
    """

    kind: str
    format: str | None
    unread: int = 0


def reading_of(text: pl.Series) -> Reading | None:
    """How a column of text is best read; None where it is text. Codes with leading zeros, and numbers too long for a
    float, are text.
    """
    values = trimmed(text, NO_NUMBER).drop_nulls()
    if values.is_empty():
        return None
    probe = values.gather_every(max(1, values.len() // _PROBE))
    for kind, how in _ways(probe):
        if kind != "datetime" and _is_code(values):
            return None
        found = read_as(values, kind, how)
        unread = found.null_count()
        if unread <= (1 - ENOUGH) * values.len() and _plausible(found, kind):
            whole = kind == "float" and not unread and how == PLAIN and _whole(values, found)
            return Reading("int" if whole else kind, None if how == PLAIN else how, unread)
    return None


def _ways(probe: pl.Series) -> list[tuple[str, str | None]]:
    """The kinds and formats that fit most of a few texts, the likeliest first."""
    most = 0.9 * probe.len()
    lower = set(probe.str.to_lowercase().to_list())
    if lower <= TRUE | FALSE and not lower <= {"0", "1", "0.0", "1.0"}:
        return [("bool", None)]
    ways: list[tuple[str, str | None]] = [
        ("float", how) for how in (PLAIN, COMMA) if probe.len() - numbers(probe, how).null_count() >= most
    ]
    if ways or int(probe.str.contains(r"\d\D+\d").sum()) < most:  # a day and a year, at least
        return ways
    for how in FORMATS:
        found = read_as(probe, "datetime", how)
        if probe.len() - found.null_count() >= most and _plausible(found, "datetime"):
            ways.append(("datetime", how))
    return ways


def _plausible(found: pl.Series, kind: str) -> bool:
    if kind == "bool":
        return found.n_unique() > 1
    if kind != "datetime":
        return True
    years = found.drop_nulls().dt.year()
    return bool(years.is_between(*_YEARS).all())


def _is_code(values: pl.Series) -> bool:
    """`007`, `01234`, or more digits than a float holds."""
    return bool(values.str.contains(r"^0\d+$|^\d{16,}$").any())


def _whole(values: pl.Series, found: pl.Series) -> bool:
    return not bool(values.str.contains(r"[.eE]").any()) and bool((found.abs() < 2**53).all())
