"""Keeps the board up to date while the service runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import structlog

from evergreen.delivery.service.board import Board
from evergreen.delivery.service.counters import Counters
from evergreen.delivery.where import where

_log = structlog.get_logger(__name__)


class Keeper:
    """Refreshes the board now and then, in a thread of its own so that loading a model makes no request wait."""

    def __init__(self, board: Board, counters: Counters) -> None:
        self._board = board
        self._counters = counters
        self._thread = ThreadPoolExecutor(1, "load")

    async def refresh(self, *, again: bool = False) -> None:
        """Read the routes now; `again` also tries releases that have failed a moment ago."""
        await asyncio.get_running_loop().run_in_executor(self._thread, lambda: self._board.refresh(again=again))
        for name, serving in self._board.current.items():
            for share in serving.shares:
                self._counters.of(name, share.loaded.release.number)

    @asynccontextmanager
    async def running(self, poll: float) -> AsyncIterator[None]:
        """Refresh once, then every `poll` seconds as long as the context is open."""
        await self.refresh()
        polling = asyncio.create_task(self._keep(poll))
        try:
            yield
        finally:
            polling.cancel()
            self._thread.shutdown(wait=True)

    async def _keep(self, poll: float) -> None:
        while True:
            await asyncio.sleep(poll)
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001 - the next round may succeed; one that stopped looking would go stale unseen
                _log.error("refresh_failed", cause=where(error))
