"""The weather API and the clock over HTTP.

    GET  /healthz         200 {"status": "ok", "now": …} once everything is prepared
    GET  /clock           {"now": "2013-03-01T02:00:00Z"}
    POST /clock/advance   {"to": "<ISO time>"} or {"by": "7d"} → {"now": …} when database and files are there   [key]
    GET  /observations    {"data": [{origin, observed_at, temp, …}], "next": "<cursor>" | null}                 [key]

[key] needs the header X-API-Key. `/observations` takes `since` (inclusive) and `until` (exclusive) on observed_at, both
ISO times with a zone, `limit` (1 to 1000, 500 if absent) and `cursor` (`next` of the page before); its rows come in the
order (observed_at, origin), missing values are null, and an observation exists from one hour after `observed_at`. A
page ends short of what exists only with a `next`. Repeating an advance `to` a moment is safe; `by` moves on from
wherever the clock then is. Errors are {"error": "<what and what to do>"}; now and then
`/observations` answers 429 with Retry-After, or 503.
"""

from __future__ import annotations

import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sample_sources.errors import BadRequestError, NotAllowedError, SampleSourcesError
from sample_sources.faults import Faults
from sample_sources.observations import Observations, Query, read_cursor
from sample_sources.sources import SampleSources
from sample_sources.times import iso, parse_duration, parse_time

_PARAMETERS = ("since", "until", "limit", "cursor")
_MOST_ROWS = 1000
_LONGEST_BODY = 10_000


def create_app(sources: SampleSources, api_key: str, faults: Faults) -> Starlette:
    """The API as an ASGI application over prepared `sources`."""
    observations = Observations(sources.data.observations)

    def check_key(request: Request) -> None:
        given = request.headers.get("X-API-Key", "")
        if not hmac.compare_digest(given.encode(), api_key.encode()):
            raise NotAllowedError("the API key is missing or wrong: send it in the header X-API-Key")

    def healthz(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "now": iso(sources.now())})

    def get_clock(_: Request) -> JSONResponse:
        return JSONResponse({"now": iso(sources.now())})

    async def advance(request: Request) -> JSONResponse:
        check_key(request)
        step = _step(await _body(request))
        return JSONResponse({"now": iso(await run_in_threadpool(sources.advance, step))})

    def get_observations(request: Request) -> JSONResponse:
        check_key(request)
        status = faults.next_status()
        if status == 429:
            return JSONResponse({"error": "too many requests; try again"}, 429, headers={"Retry-After": "1"})
        if status is not None:
            return JSONResponse({"error": "out of order for a moment; try again"}, status)
        rows, following = observations.page(_query(request), sources.now())
        return JSONResponse({"data": rows, "next": following})

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/clock", get_clock),
            Route("/clock/advance", advance, methods=["POST"]),
            Route("/observations", get_observations),
        ],
        exception_handlers={SampleSourcesError: _explain},
    )


async def _explain(_: Request, error: Exception) -> JSONResponse:
    status = error.status if isinstance(error, SampleSourcesError) else 500
    return JSONResponse({"error": str(error)}, status)


async def _body(request: Request) -> Any:
    """The request's JSON, of a bounded size."""
    read = b""
    async for chunk in request.stream():
        read += chunk
        if len(read) > _LONGEST_BODY:
            raise BadRequestError(f"the body is longer than {_LONGEST_BODY} bytes")
    try:
        return json.loads(read)
    except ValueError:
        raise BadRequestError('the body is not JSON; send {"to": "<ISO time>"} or {"by": "7d"}') from None


def _step(body: Any) -> datetime | timedelta:
    """How far to advance, from the request's JSON."""
    match body:
        case {"to": str(moment), **others} if not others:
            return parse_time(moment, "to")
        case {"by": str(duration), **others} if not others:
            return parse_duration(duration, "by")
    raise BadRequestError('say where the clock goes with one of {"to": "<ISO time>"} and {"by": "7d"}')


def _query(request: Request) -> Query:
    """What to read, from the request's query parameters."""
    given = dict(request.query_params)
    if unknown := sorted(given.keys() - set(_PARAMETERS)):
        raise BadRequestError(f"{len(unknown)} unknown query parameter(s); allowed are {', '.join(_PARAMETERS)}")
    limit = given.get("limit", "500")
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 4 and 1 <= int(limit) <= _MOST_ROWS):
        raise BadRequestError(f"limit is a whole number from 1 to {_MOST_ROWS}")
    return Query(
        since=parse_time(given["since"], "since") if "since" in given else None,
        until=parse_time(given["until"], "until") if "until" in given else None,
        after=read_cursor(given["cursor"]) if "cursor" in given else None,
        limit=int(limit),
    )
