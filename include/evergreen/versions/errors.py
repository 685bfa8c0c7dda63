"""What can go wrong in the data registry beyond the two general kinds."""

from __future__ import annotations

import re

from evergreen.errors import PermanentError, TransientError

_URL_SECRET = re.compile(r"(?<=://)[^/@\s]+@")


class ParentMoved(TransientError):
    """Another run published first: rebuild on the new head and publish that."""


class ChangedByHand(PermanentError):
    """The registry's main branch was changed by a person in a way that can't be adopted; it is left as it is."""


class HandPending(TransientError):
    """A rollback made by hand waits to be adopted before anything else may be published."""


def brief(text: str | bytes, most: int = 300) -> str:
    """Shorten a tool's output for a message: one line, at most `most` characters, no log-ins of URLs."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    line = _URL_SECRET.sub("", " ".join(text.split()))
    return line if len(line) <= most else line[: most - 1] + "…"
