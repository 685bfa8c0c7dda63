"""What can go wrong, as two kinds: trying again may help, or it can't.

Every message says what failed, where, what is allowed and the next step. It never holds a row's values or a secret,
and it stays short whatever the size of the data behind it.
"""

from __future__ import annotations

from collections.abc import Iterable


class EvergreenError(Exception):
    """Base of every error this library raises on purpose."""


class PermanentError(EvergreenError):
    """Trying again with the same input can't help: a person has to change something."""


class TransientError(EvergreenError):
    """The same call may succeed later: a source is down, a database restarts, another run was first."""


def bounded(items: Iterable[object], most: int = 5) -> str:
    """Join `items` for a message, naming at most `most` of them and counting the rest."""
    names = [str(item) for item in items]
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def sentence(text: str) -> str:
    """`text` with a capital and a period. A first word that is a name (`log_loss`, `f1`) keeps its letters."""
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    if first.rstrip(".,:;").isalpha():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
