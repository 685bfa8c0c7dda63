"""`prepare:` how sources become one table."""

from __future__ import annotations

from pydantic import Field

from evergreen.spec.base import Columns, Duration, Section


class Join(Section):
    """Bring a source's columns to the base rows, by key and by what was known at the row's cutoff.

    `as_of` names the joined source's time column: of the rows available by the cutoff, the newest by it is taken, no
    older than `tolerance` before the cutoff. `static` ignores availability: a change rewrites past rows.
    """

    source: str
    on: Columns
    as_of: str | None = None
    tolerance: Duration | None = None
    static: bool = False
    columns: tuple[str, ...] = ()
    """Which columns to bring; empty: all but the keys and times used for joining."""
    prefix: str = ""


class Prepare(Section):
    """The base source, whose key is one table row, what is joined to it, and what is computed row by row."""

    base: str | None = None
    """Optional where only one source is not the outcome."""
    join: tuple[Join, ...] = ()
    derive: dict[str, str] = Field(default_factory=dict)
    """New column to a Polars SQL expression over the row."""
    where: str | None = None
    """A Polars SQL expression; other base rows are left out."""
