"""Numbers and times as a person writes them."""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def rows(count: int, what: str = "labelled row") -> str:
    """`1,204 labelled rows`, `1 labelled row`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def plural(count: int, one: str, many: str) -> str:
    """The word that fits the count: `is` or `are`."""
    return one if count == 1 else many


def span(value: timedelta) -> str:
    """The two largest units of a duration: `3d 4h`, `12m`, `0s`; the sign is kept."""
    sign, left, parts = ("-" if value < timedelta(0) else ""), round(abs(value.total_seconds())), list[str]()
    for unit, size in _UNITS:
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
    return sign + (" ".join(parts[:2]) or "0s")


def moment(value: datetime) -> str:
    """`2013-03-01 02:00`, in UTC."""
    return f"{value:%Y-%m-%d %H:%M}"
