"""`POST /v1/{use_case}/predict`."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from evergreen.delivery.service.answer import Helpers, ReleaseFailedError, answer
from evergreen.delivery.service.board import Board, ServedUseCase
from evergreen.delivery.service.counters import Counters
from evergreen.delivery.service.http import Refused, read_json
from evergreen.delivery.service.log import PredictionLog
from evergreen.delivery.shape import MOST_ERRORS, InvalidRowsError
from evergreen.delivery.where import where
from evergreen.errors import TransientError, bounded

_log = structlog.get_logger(__name__)
_RETRY = {"Retry-After": "5"}


class Predict:
    """The endpoint: reads and checks a request, has it answered in a worker thread, counts and logs it."""

    def __init__(
        self,
        board: Board,
        log: PredictionLog,
        helpers: Helpers,
        counters: Counters,
        clock: Callable[[], datetime],
        workers: Executor,
        *,
        max_body: int,
        max_rows: int,
    ) -> None:
        self._board = board
        self._log = log
        self._helpers = helpers
        self._counters = counters
        self._clock = clock
        self._workers = workers
        self._max_body = max_body
        self._max_rows = max_rows

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        try:
            return await self._answer(request)
        except Refused as refused:
            self._counters.rejected(refused.use_case, refused.status)
            raise

    async def _answer(self, request: Request) -> Response:
        with self._board.held(request.path_params["use_case"]) as serving:
            return await self._answer_from(known(self._board, serving), request)

    async def _answer_from(self, serving: ServedUseCase, request: Request) -> Response:
        name = serving.routes.use_case.name
        if not serving.shares:
            reason = self._board.problems.get(name, "the first one is still to be trained and deployed")
            raise Refused(503, f"use case `{name}` has no release yet: {reason}", use_case=name, headers=_RETRY)
        body = await read_json(request, self._max_body)
        started = time.perf_counter()  # a client that sends slowly is no fault of the release
        rows = self._rows(body, name)
        releases = tuple(share.loaded.release.number for share in serving.shares)
        try:
            answered = await asyncio.get_running_loop().run_in_executor(
                self._workers, answer, serving, rows, self._helpers, self._clock()
            )
        except InvalidRowsError as error:
            raise Refused(422, _named(error), use_case=name) from error
        except ReleaseFailedError as error:
            _log.error("prediction_failed", use_case=name, release=error.release, cause=where(error))
            self._counters.failed(name, (error.release,))
            raise Refused(500, f"release {error.release} of `{name}` failed on these rows", use_case=name) from error
        except TransientError as error:
            self._counters.failed(name, releases)
            raise Refused(503, str(error), use_case=name, headers=_RETRY) from error
        for entry in answered.entries:
            self._log.add(entry)
        response = Response(_dumps(answered.body), media_type="application/json")
        self._counters.answered(name, answered.releases, time.perf_counter() - started)
        return response

    def _rows(self, body: Any, name: str) -> list[dict[str, Any]]:
        """The rows of a body: `{"rows": [...]}`, or one row by itself."""
        rows = body["rows"] if isinstance(body, dict) and isinstance(body.get("rows"), list) else [body]
        if isinstance(body, dict) and rows is body.get("rows") and len(body) > 1:
            raise Refused(400, "beside `rows` there can be nothing in the body", use_case=name)
        if not rows or not all(isinstance(row, dict) for row in rows):
            raise Refused(400, 'the body has to be {"rows": [{…}, …]} or one row {…}', use_case=name)
        if len(rows) > self._max_rows:
            raise Refused(413, f"more than {self._max_rows} rows; send fewer at a time", use_case=name)
        return rows


def find_serving(board: Board, name: str) -> ServedUseCase:
    """What serves the use case. Raises Refused (404) naming those there are."""
    return known(board, board.current.get(name))


def known(board: Board, serving: ServedUseCase | None) -> ServedUseCase:
    """What was found on the board. Raises Refused (404) when that is nothing."""
    if serving is None:
        there_are = bounded(sorted(board.current), 20) or "none yet"
        raise Refused(404, f"there is no such use case; there are: {there_are}")
    return serving


def _named(error: InvalidRowsError) -> list[dict[str, Any]]:
    named = [{"row": one.row, "field": one.field, "error": one.error} for one in error.errors[:MOST_ERRORS]]
    more = len(error.errors) - len(named)
    return [*named, *([{"row": None, "field": None, "error": f"and {more} more"}] if more else [])]


def _dumps(body: dict[str, Any]) -> bytes:
    try:
        return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:
        return json.dumps(_without_nan(body), separators=(",", ":")).encode()


def _without_nan(value: Any) -> Any:
    """The value with null for numbers that JSON has no word for."""
    if isinstance(value, dict):
        return {name: _without_nan(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
