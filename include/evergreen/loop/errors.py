"""How a step ends without having done its work, and without anything being wrong."""

from __future__ import annotations

from evergreen.errors import EvergreenError, PermanentError


class NothingToDo(EvergreenError):
    """There is nothing to do now: no open item, no new data time, a hold. A DAG's task is skipped with this reason."""


class Held(NothingToDo):
    """A person stopped this after a rollback; `evergreen resume` starts it again."""


class TooManyBroken(PermanentError):
    """More lines of a source can't be read than `quality.quarantine_at_most` allows."""
