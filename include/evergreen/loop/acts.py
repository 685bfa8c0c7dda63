"""What a person does beside the flow (approve, roll back, resume, exclude), noted as a run of one step."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from evergreen.errors import EvergreenError
from evergreen.ledger.runs import RunKey, begin_run, begin_step, end_step, note_state, note_subject
from evergreen.loop.instance import Instance
from evergreen.loop.run import Who


@contextmanager
def act(
    instance: Instance, use_case: str, kind: str, run_id: str, who: Who, subject: str, params: Mapping[str, Any]
) -> Iterator[None]:
    """Note who does what to what. An act that fails is noted, too."""
    key = RunKey(use_case, kind, run_id)
    with instance.ledger() as db:
        begin_run(db, key, asked_by=who.by, door=who.door, params=params)
        note_subject(db, key, subject)
        begin_step(db, key, kind, "")
    wall, cpu = time.monotonic(), time.process_time()
    try:
        yield
    except EvergreenError as error:
        with instance.ledger() as db:
            note_state(db, key, "failed", str(error))
            end_step(
                db,
                key,
                kind,
                "",
                "failed",
                wall=time.monotonic() - wall,
                cpu=time.process_time() - cpu,
                said=str(error),
            )
        raise
    with instance.ledger() as db:
        note_state(db, key, "done")
        end_step(db, key, kind, "", "done", wall=time.monotonic() - wall, cpu=time.process_time() - cpu)
