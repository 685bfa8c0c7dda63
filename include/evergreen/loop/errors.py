"""How a step ends without having done its work, and without anything being wrong."""

from __future__ import annotations

from ..errors import EvergreenError


class NothingToDo(EvergreenError):
    """There is nothing to do now: no open item, no new data time, a hold. The DAG's task is skipped with this reason."""


class Held(NothingToDo):
    """A person stopped this after a rollback; `evergreen resume` starts it again."""
