"""`task:` what kind of answer the model gives; the YAML's name becomes the object that knows all about it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, GetPydanticSchema, PlainSerializer

from evergreen.tasks import TASKS, Task, task_named

_Named = Annotated[Literal[tuple(TASKS)], AfterValidator(task_named), PlainSerializer(str)]  # type: ignore[valid-type]
"""A literal to whoever writes the file, so that a wrong one is answered like any other wrong word."""

TaskField = Annotated[Task, GetPydanticSchema(lambda _, handler: handler.generate_schema(_Named))]
