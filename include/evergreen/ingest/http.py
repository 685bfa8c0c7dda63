"""GET JSON from an HTTP API that may be slow, busy or down: bounded retries, then an error of the right kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from evergreen.connections import Connection
from evergreen.errors import TransientError
from evergreen.ingest.errors import SourceRefused

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 6
LONGEST_WAIT = 120.0
"""Seconds that all waits of one request may take together."""
_TIMEOUT, _CONNECT_TIMEOUT = 60.0, 10.0
_BUSY = {408, 425, 429}

Param = str | int | float | bool


class Api:
    """One connection's API. Use it as a context manager."""

    def __init__(self, connection: Connection, where: str, sleep: Callable[[float], None]) -> None:
        import httpx

        self._connection, self._where, self._sleep = connection, where, sleep
        headers = {"Accept": "application/json"}
        if connection.secret:
            headers[connection.header] = connection.secret
        # Redirects are not followed: the key would go along to wherever they point.
        self._client = httpx.Client(headers=headers, timeout=httpx.Timeout(_TIMEOUT, connect=_CONNECT_TIMEOUT))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, endpoint: str, params: Mapping[str, Param]) -> Any:
        """The JSON that GET `endpoint` answers.

        A busy or failing server is asked up to six times, after pauses of 0.5 s and more or as it says itself.
        Raises TransientError when it stays so, SourceRefused when the answer is a no or is not JSON.
        """
        import httpx

        url = self._connection.url.rstrip("/") + "/" + endpoint.lstrip("/")
        waited = 0.0
        for attempt in range(1, ATTEMPTS + 1):
            asked: float | None = None
            try:
                answer = self._client.get(url, params=dict(params))
            except (httpx.InvalidURL, httpx.UnsupportedProtocol):
                raise SourceRefused(
                    f"{self._said(endpoint)}: the connection's address is not an http(s) URL. Repair connection "
                    f"`{self._connection.name}`"
                ) from None
            except httpx.TransportError as error:
                problem = f"no answer ({type(error).__name__})"
            else:
                if answer.status_code not in _BUSY and answer.status_code < 500:
                    return self._read(answer, endpoint)
                problem = f"status {answer.status_code}"
                asked = _retry_after(answer)
            pause = asked if asked is not None else 0.5 * 2 ** (attempt - 1)
            if attempt == ATTEMPTS or waited + pause > LONGEST_WAIT:
                break
            self._sleep(pause)
            waited += pause
        wish = f"; it asks to wait {asked:.0f} s" if asked is not None else ""
        raise TransientError(
            f"{self._said(endpoint)}: {problem} after {attempt} attempts{wish}. Try again later, and see whether the "
            "API is up"
        )

    def _read(self, answer: httpx.Response, endpoint: str) -> Any:
        status = answer.status_code
        if status in (401, 403):
            raise SourceRefused(
                f"{self._said(endpoint)}: the key of connection `{self._connection.name}` was refused (status "
                f"{status}). Set it anew where the connection is defined (in Airflow: Admin > Connections > "
                f"{self._connection.name}, its password); it is sent in the header {self._connection.header}"
            )
        if status != 200:
            raise SourceRefused(
                f"{self._said(endpoint)}: status {status} where 200 is wanted. Check `endpoint` and `params` of the "
                "source and the address of the connection (redirects are not followed)"
            )
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError):
            raise SourceRefused(f"{self._said(endpoint)}: the answer is not JSON. Check `endpoint`") from None

    def _said(self, endpoint: str) -> str:
        return f"{self._where}: GET {endpoint} of connection `{self._connection.name}`"


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds the server asks to wait: a number, or a date that is compared with the server's own."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - parsedate_to_datetime(answer.headers["Date"])).total_seconds())
    except (ValueError, TypeError, KeyError):
        return None
