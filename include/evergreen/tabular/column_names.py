"""Column names as a frame needs them: one each, none that looks like a column of the table's own."""

from __future__ import annotations

from collections.abc import Sequence


def tidied(given: Sequence[str]) -> list[str]:
    """The names in their order. A name given again gets a number (`price`, `price_2`), an empty one its place
    (`column_1`), and one that begins with an underscore, as the table's own columns do, `column` before it.
    """
    found: list[str] = []
    taken = {name.strip() for name in given}
    seen: set[str] = set()
    for place, raw in enumerate(given, 1):
        name = raw.strip() or f"column_{place}"
        if name.startswith("_"):
            name = f"column{name}"
        plain, number = name, 2
        while name in seen or (name != plain and name in taken):
            name = f"{plain}_{number}"
            number += 1
        seen.add(name)
        found.append(name)
    return found
