"""Which tasks a candidate can do."""

from __future__ import annotations

from evergreen.tasks import TASKS

ALL = frozenset(TASKS.values())
CLASSES = frozenset(task for task in TASKS.values() if task.has_classes)
