"""What kind of answer a model gives: one class a file. Nothing outside asks for a task's name.

Importing this is light: NumPy and Polars come in with the first row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evergreen.tasks.base import Refusals, Task
from evergreen.tasks.binary import Binary
from evergreen.tasks.multiclass import Multiclass
from evergreen.tasks.regression import Regression

if TYPE_CHECKING:
    import polars as pl

__all__ = ["BINARY", "MULTICLASS", "REGRESSION", "TASKS", "Refusals", "Task", "task_named", "task_that_said"]

BINARY, MULTICLASS, REGRESSION = Binary(), Multiclass(), Regression()
TASKS: dict[str, Task] = {task.name: task for task in (BINARY, MULTICLASS, REGRESSION)}


def task_named(name: str) -> Task:
    """The task that `use_case.yaml` and a saved model call `name`."""
    return TASKS[name]


def task_that_said(predicted: pl.DataFrame) -> Task:
    """The task whose predictions look like these: a release may be of an older task than its use case is now."""
    columns = predicted.columns
    return next(task for task in TASKS.values() if task.said(columns))
