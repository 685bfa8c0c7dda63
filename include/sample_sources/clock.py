"""The stored clock: how far the sources have come, and how far they are on their way.

One row in the sample database, so that everything agrees on it and it survives restarts. `target` is written before an
advance begins and `reached` when it is complete; when they differ, an advance was broken off and has to be finished.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

_CREATE = """
CREATE TABLE IF NOT EXISTS sample_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seed bigint NOT NULL,
    reached timestamptz,
    target timestamptz NOT NULL CHECK (reached <= target)
)
"""


@dataclass(frozen=True, slots=True)
class StoredClock:
    """The clock's row. `reached` is None until the sources were first filled."""

    seed: int
    reached: datetime | None
    target: datetime


def create(cursor: Any, seed: int, start: datetime) -> None:
    """Make the clock stand at `start`, still to be reached; a clock that is there already is left as it is."""
    cursor.execute(_CREATE)
    cursor.execute(
        "INSERT INTO sample_clock (seed, target) VALUES (%s, %s) ON CONFLICT (only_row) DO NOTHING", (seed, start)
    )


def read(cursor: Any) -> StoredClock | None:
    """The clock as stored; None where no sources were ever prepared."""
    cursor.execute("SELECT to_regclass('sample_clock') IS NOT NULL")
    if not cursor.fetchone()[0]:
        return None
    cursor.execute("SELECT seed, reached, target FROM sample_clock")
    row = cursor.fetchone()
    return StoredClock(*row) if row else None


def set_out(cursor: Any, target: datetime) -> None:
    """Record where an advance is going, before it begins."""
    cursor.execute("UPDATE sample_clock SET target = %s", (target,))


def arrive(cursor: Any) -> None:
    """Record that the advance is complete."""
    cursor.execute("UPDATE sample_clock SET reached = target")
