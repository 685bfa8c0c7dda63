"""Look at the real sources: reachable, let in, and with the columns the use case names."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from evergreen.connections import Resolver
from evergreen.errors import EvergreenError
from evergreen.ingest.extract import reader_of
from evergreen.ingest.named import missing_columns
from evergreen.ingest.request import Request

if TYPE_CHECKING:
    from evergreen.spec import UseCase


def check_online(
    use_case: UseCase,
    connect: Resolver,
    landing: Path,
    folder: Path,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Everything that is wrong with the sources, one sentence each; takes no rows and writes nothing.

    A source without rows has no columns to look at and counts as in order.
    """
    wrong: list[str] = []
    for source in use_case.sources:
        request = Request(
            use_case=use_case,
            source=source,
            until=datetime.max.replace(tzinfo=UTC),
            cursor=None,
            known={},
            connect=connect,
            landing=landing,
            folder=folder,
            sleep=sleep,
        )
        try:
            there = reader_of(request).columns()
        except EvergreenError as error:
            wrong.append(str(error))
            continue
        if there is not None:
            wrong += missing_columns(use_case, source, there)
    return wrong
