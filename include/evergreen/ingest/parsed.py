"""What becomes of a file's bytes, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

Broken = list[tuple[int, str]]
"""For each record that could not be read: its line (its number, where there are none) and why, never what it says."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's rows, each row's line (None: not looked for yet), its broken lines with reasons."""

    frame: pl.DataFrame
    lines: list[int] | None = None
    broken: Broken = field(default_factory=list)
    untyped: bool = False
    """All columns are text and wait for a type (CSV, XML)."""


class Unreadable(ValueError):
    """A file as a whole can't be read; the text says why and goes behind the file's name."""
