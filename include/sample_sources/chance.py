"""Chance that can be repeated: the same words always give the same number, on any machine and any Python."""

from __future__ import annotations

import hashlib


def number(*words: object) -> int:
    """A number in [0, 2**64) that looks random and depends on `words` alone."""
    digest = hashlib.sha256("/".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:8], "big")


def share(*words: object) -> float:
    """A share in [0, 1) that looks random and depends on `words` alone."""
    return number(*words) / 2**64
