"""What was probably meant, and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """`; did you mean …?` where one is close, and what is allowed."""
    names = sorted(set(allowed))
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    if not names:
        return hint
    shown = ", ".join(names[:25]) + (f" and {len(names) - 25} more" if len(names) > 25 else "")
    return f"{hint or ';'} allowed {'are' if len(names) > 1 else 'is'} {shown}"
