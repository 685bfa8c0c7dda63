"""What can go wrong while a challenger is looked for."""

from __future__ import annotations

from evergreen.errors import PermanentError, TransientError


class NotEnoughData(PermanentError):
    """Too few labelled rows. Trying again on the same version can't help; the next version may."""


class SearchFailed(PermanentError):
    """Every trial of the search failed."""


class StudyUnreachable(TransientError):
    """Optuna's database could not be reached."""
