"""What may be logged of an error in a model: its kind and place, never its message, which may hold a row's values."""

from __future__ import annotations

import traceback
from pathlib import Path


class FailedElsewhere(Exception):
    """A model failed in a process of its own; the message is what `where` said there."""


def where(error: BaseException) -> str:
    """`ValueError at pipeline.py:12 in transform`, of the innermost cause and its last frame."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, FailedElsewhere):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno} in {last.name}"
