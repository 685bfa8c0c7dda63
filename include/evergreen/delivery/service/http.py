"""Answers that say no: one form for all of them, `{"detail": …}`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Refused(Exception):
    """The request can't be answered; `status` and `detail` say why. Never holds a value of the request."""

    def __init__(
        self, status: int, detail: Any, *, use_case: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail
        self.use_case = use_case
        self.headers = headers


def problem(status: int, detail: Any, headers: Mapping[str, str] | None = None) -> Response:
    """An answer that says what is wrong."""
    return JSONResponse({"detail": detail}, status, headers)


def refusal(_: Request, error: Exception) -> Response:
    """A Refused as an answer."""
    if not isinstance(error, Refused):
        raise error
    return problem(error.status, error.detail, error.headers)


def http_error(_: Request, error: Exception) -> Response:
    """Starlette's own errors (no such page, wrong method, a bug) in the same form."""
    if isinstance(error, HTTPException):
        return problem(error.status_code, error.detail, error.headers)
    return problem(500, "the service failed; its log says why")


async def read_json(request: Request, max_body: int) -> Any:
    """The request's JSON body. Raises Refused: 413 above `max_body` bytes, 400 when it is not JSON."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_body:
            raise Refused(413, f"the body is larger than {max_body} bytes; send fewer rows at a time")
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not valid JSON") from None


def _refuse_constant(_: str) -> float:
    raise ValueError("NaN and Infinity are not JSON")
