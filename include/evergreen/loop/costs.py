"""What a step cost, in the ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from ..ledger.records import record_cost
from .instance import Instance


@contextmanager
def costed(instance: Instance, use_case: str, stage: str, key: str, data_time: datetime) -> Iterator[None]:
    """Measure wall and CPU seconds of this process inside the block, and keep them under (stage, key)."""
    wall, cpu = time.monotonic(), time.process_time()
    yield
    spent = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
    with instance.ledger() as db:
        record_cost(db, use_case, stage, key, data_time, **spent)
