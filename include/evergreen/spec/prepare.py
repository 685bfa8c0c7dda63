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
    """The source to join."""
    on: Columns
    """The columns by which it is joined, called the same on both sides."""
    as_of: str | None = None
    """The joined source's column of times. Of the rows that were available by the row's cutoff, the newest by it is
    taken. Needs `predict`. Give either this or `static`."""
    tolerance: Duration | None = None
    """Take no row that is older than so long before the cutoff."""
    static: bool = False
    """Take the newest row, whenever it became available. A change rewrites past rows."""
    columns: tuple[str, ...] = ()
    """Which columns to bring. By default all but those it is joined by."""
    prefix: str = ""
    """Put before the names of the columns it brings."""


class Prepare(Section):
    """The base source, whose key is one table row, what is joined to it, and what is computed row by row."""

    base: str | None = None
    """The source whose key is one row of the table. By default the only source that is not the outcome."""
    join: tuple[Join, ...] = ()
    derive: dict[str, str] = Field(default_factory=dict)
    """`{new column: expression}`, in order. Later ones may use earlier ones."""
    where: str | None = None
    """An expression. Rows for which it is not true are left out."""
