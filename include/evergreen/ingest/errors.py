"""What can go wrong with a source for good, beside what `evergreen.errors` already names."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from evergreen.errors import PermanentError, bounded


class SchemaChanged(PermanentError):
    """A source no longer has a column the use case names, or a column's type no longer fits what is known of it."""


class SourceRefused(PermanentError):
    """A source is there and says no: wrong key, wrong password, no such table, an answer that makes no sense."""


class UnreadableFile(PermanentError):
    """A file as a whole can't be read, or must not be: truncated, of an unknown kind, changed without a key."""


def quoted(names: Iterable[object]) -> str:
    """Names in backticks for a message, at most five of them."""
    return bounded(f"`{name}`" for name in names)


def did_you_mean(name: str, allowed: Collection[str]) -> str:
    """` (did you mean `x`?)` where a name like it is allowed, else nothing."""
    lowered = {one.lower(): one for one in allowed}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f" (did you mean `{lowered[close[0]]}`?)" if close else ""
