"""The ASGI app: what runs while it runs, and its pages."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from evergreen.delivery.own.processes import OwnProcesses
from evergreen.delivery.predictor import LoadPredictor, load_predictor
from evergreen.delivery.service.answer import Helpers
from evergreen.delivery.service.board import Board
from evergreen.delivery.service.counters import Counters
from evergreen.delivery.service.http import Refused, http_error, problem, refusal
from evergreen.delivery.service.ids import new_id
from evergreen.delivery.service.keeper import Keeper
from evergreen.delivery.service.loaded import LoadedReleases
from evergreen.delivery.service.log import PredictionLog
from evergreen.delivery.service.pages import Pages
from evergreen.delivery.service.predict import Predict
from evergreen.delivery.service.releases import load_release
from evergreen.delivery.service.routes import Anonymise, Lookup, RouteSource
from evergreen.errors import PermanentError

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(
    routes: RouteSource,
    *,
    api_key: str,
    log: PredictionLog,
    clock: Callable[[], datetime],
    lookup: Lookup | None = None,
    anonymise: Anonymise | None = None,
    load: LoadPredictor = load_predictor,
    processes: OwnProcesses | None = None,
    poll: float = 0.5,
    max_body: int = 2**20,
    max_rows: int = 10_000,
    threads: int = 4,
) -> Starlette:
    """The service for all use cases of `routes`.

    `processes` starts the releases whose code or libraries are not this process's; without it all are loaded here.
    `clock` is the real time that predictions were made at. `poll` is how often, in seconds, routes are read. A body
    above `max_body` bytes is refused. Predictions run in `threads` threads; routes are read and models loaded in one
    more, so that a release on its way in does not make requests wait. Raises PermanentError without an API key.
    """
    if not api_key:
        raise PermanentError("the service was given no API key; set EVERGREEN_API_KEY or let the instance make one")
    releases = LoadedReleases(lambda release: load_release(release, load, processes))
    board = Board(routes, releases, anonymises=anonymise is not None)
    counters = Counters()
    workers = ThreadPoolExecutor(threads, "predict")
    keeper = Keeper(board, counters)
    predict = Predict(
        board,
        log,
        Helpers(lookup, anonymise, new_id),
        counters,
        clock,
        workers,
        max_body=max_body,
        max_rows=max_rows,
    )
    pages = Pages(board, counters, log, keeper.refresh)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        log.start()
        try:
            async with keeper.running(poll):
                yield
            await asyncio.get_running_loop().run_in_executor(None, log.close)
            workers.shutdown(wait=True)
        finally:
            board.stop()
            if processes is not None:
                processes.stop()

    locked = partial(_locked, api_key)

    return Starlette(
        routes=[
            Route("/v1/{use_case}/predict", locked(predict), methods=["POST"]),
            Route("/v1/{use_case}/schema", locked(pages.schema)),
            Route("/v1/{use_case}", locked(pages.use_case)),
            Route("/-/reload", locked(pages.reload), methods=["POST"]),
            Route("/-/stats", locked(pages.stats)),
            Route("/healthz", pages.healthz),
            Route("/readyz", pages.readyz),
            Route("/metrics", pages.metrics),
        ],
        exception_handlers={Refused: refusal, 404: http_error, 405: http_error, 500: http_error},
        lifespan=lifespan,
    )


def _locked(api_key: str, endpoint: Endpoint) -> Endpoint:
    """The endpoint, answering 401 to whoever does not bring the API key."""

    async def checked(request: Request) -> Response:
        given = request.headers.get("X-API-Key", "")
        if not hmac.compare_digest(given.encode(), api_key.encode()):
            return problem(401, "the header X-API-Key is missing or wrong")
        return await endpoint(request)

    return checked
