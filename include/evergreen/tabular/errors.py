"""What can be wrong with a file of rows."""

from __future__ import annotations

from evergreen.errors import PermanentError


class UnreadableRows(PermanentError):
    """The file is not there, of no known kind, damaged, or holds no rows."""


class UnusableRows(PermanentError):
    """The file can be read, but nothing can be learned from it as asked: no such target, no column to learn from."""
