"""What a step cost, in the ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from evergreen.ledger.errors import LedgerUnavailable
from evergreen.ledger.records import record_cost
from evergreen.loop.instance import Instance


@contextmanager
def costed(instance: Instance, use_case: str, stage: str, key: str, data_time: datetime) -> Iterator[None]:
    """Measure wall and CPU seconds of this process inside the block, and keep them under (stage, key).

    A block that breaks off has cost as much.
    """
    wall, cpu = time.monotonic(), time.process_time()

    def keep() -> None:
        spent = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
        with instance.ledger() as db:
            record_cost(db, use_case, stage, key, data_time, **spent)

    try:
        yield
    except BaseException:
        with suppress(LedgerUnavailable):  # what broke the block off is what has to be told
            keep()
        raise
    keep()
