"""A run as its steps see it: what it is about, the use case as it began, its staging folder, its voice."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from evergreen.errors import PermanentError
from evergreen.ledger.items import Item
from evergreen.ledger.runs import RunKey, RunRow, note_claim, note_subject
from evergreen.loop.instance import Instance
from evergreen.spec import UseCase

SCHEDULE = "schedule"
"""Who asked for a run that began by itself at its time."""
Say = Callable[[str], object]
Clock = Callable[[UseCase], datetime]


@dataclass(frozen=True)
class Who:
    """Who asks, and through which door. `by` is a person's log-in, SCHEDULE, or the asset that woke a run."""

    by: str
    door: Literal["airflow", "cli"]


@dataclass(frozen=True)
class Asked:
    """Who asked for a run, and with what. `clock` tells the data time of a run that no item in the ledger gives one."""

    who: Who
    clock: Clock
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One run of a stage. Every step of it is given the same use case: that of its beginning."""

    instance: Instance
    use_case: UseCase
    row: RunRow
    clock: Clock
    say: Say
    payload: Mapping[str, Any] = field(default_factory=dict)
    """What its item says, in the step that has claimed it."""

    @property
    def key(self) -> RunKey:
        """Its name in the ledger."""
        return self.row.key

    @property
    def name(self) -> str:
        """The use case's name."""
        return self.use_case.name

    @property
    def id(self) -> str:
        """Its id; runs of different stages may have the same."""
        return self.row.key.run_id

    @property
    def params(self) -> Mapping[str, Any]:
        """What the person who asked has filled in."""
        return self.row.params

    @property
    def side_by_side(self) -> bool:
        """Whether parts of a step are done side by side, by a task each."""
        return self.row.door == "airflow"

    @property
    def item(self) -> int:
        """The ledger's item it is at. Raises PermanentError before it has claimed one."""
        if self.row.item is None:
            raise self._unclaimed()
        return self.row.item

    @property
    def as_of(self) -> datetime:
        """Its data time. Raises PermanentError before it is known."""
        if self.row.data_time is None:
            raise self._unclaimed()
        return self.row.data_time

    @property
    def work(self) -> str:
        """Names what it works on: the same for every run at the same item, else its own id."""
        return f"{self.name}-{self.row.item}" if self.row.item is not None else self.id

    def workplace(self, *, fresh: bool = False, but: str | None = None) -> Path:
        """The staging folder of its work; `fresh` empties what an earlier attempt left, `but` what begins so."""
        safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in self.work)
        folder = self.instance.settings.staging / self.name / safe
        folder.mkdir(parents=True, exist_ok=True)
        left = [path for path in folder.iterdir() if but is None or not path.name.startswith(but)] if fresh else []
        for path in left:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return folder

    def part(self, name: str) -> Path:
        """A folder of this name in its workplace."""
        folder = self.workplace() / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def claimed(self, item: Item) -> Run:
        """The same run, now at this item, which the ledger knows too."""
        with self.instance.ledger() as db:
            note_claim(db, self.key, item=item.id, subject=item.subject, data_time=item.as_of)
        row = replace(self.row, item=item.id, subject=item.subject, data_time=item.as_of)
        return replace(self, row=row, payload=item.payload)

    def about(self, subject: str, data_time: datetime | None = None) -> Run:
        """The same run with what it makes or changes, which the ledger knows too."""
        with self.instance.ledger() as db:
            note_subject(db, self.key, subject, data_time)
        return replace(self, row=replace(self.row, subject=subject, data_time=data_time or self.row.data_time))

    def _unclaimed(self) -> PermanentError:
        first = self.row.key.kind
        return PermanentError(
            f"Run `{self.id}` of `{self.name}.{first}` is at nothing yet. Run it again from its first step on."
        )
