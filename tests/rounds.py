"""Steps of the flow for tests: the same way that both doors take, one step or one stage at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from evergreen.artifacts import DatasetVersion
from evergreen.ledger.runs import RunKey
from evergreen.loop.flow import stage
from evergreen.loop.instance import Instance
from evergreen.loop.perform import perform
from evergreen.loop.run import Asked, Who

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Going:
    """A run of a stage that a test takes step by step; `done` holds the results as JSON by step."""

    instance: Instance
    use_case: str
    kind: str
    run_id: str
    as_of: datetime = LONG_AGO
    params: dict[str, Any] = field(default_factory=dict)
    by: str = "tester"
    done: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @property
    def key(self) -> RunKey:
        return RunKey(self.use_case, self.kind, self.run_id)

    def step(self, name: str) -> Any:
        """Do a step; its result as JSON."""
        of, one = stage(self.kind), stage(self.kind).step(name)
        asked = Asked(Who(self.by, "cli"), lambda _: self.as_of, self.params)
        given = [self.done[taken] for taken in one.takes if taken in self.done]
        parts: Sequence[str | int | None] = [None]
        if one.each is not None:
            parts = one.each.parts(self.instance.use_case(self.use_case))
            parts = parts[:1] if one.each.shared else parts
        results = [
            perform(self.instance, of, one, self.key, given, asked=asked, say=self.said.append, part=part)
            for part in parts
        ]
        self.done[name] = results if one.each is not None else results[0]
        return self.done[name]

    def steps(self, *names: str) -> Any:
        """Do some steps; the last one's result."""
        return [self.step(name) for name in names][-1]

    def all(self) -> Any:
        """Do every step that the use case has; the last one's result."""
        use_case = self.instance.use_case(self.use_case)
        return self.steps(*(one.name for one in stage(self.kind).steps_for(use_case)))


def ingest(instance: Instance, use_case: str, run_id: str, as_of: datetime) -> DatasetVersion:
    """A whole ingest; the version."""
    return DatasetVersion.model_validate(Going(instance, use_case, "ingest", run_id, as_of).all())
