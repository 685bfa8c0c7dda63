"""What can be wrong with a target."""

from __future__ import annotations

from evergreen.errors import PermanentError


class UnusableTarget(PermanentError):
    """Nothing can be learned from this target: one class, too many classes, or not numbers."""
