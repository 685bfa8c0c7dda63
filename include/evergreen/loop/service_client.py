"""The running prediction service, as far as a rollout asks it. That it doesn't run is no error: nobody is served."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from evergreen.errors import TransientError
from evergreen.loop.instance import Instance

if TYPE_CHECKING:
    from evergreen.delivery.rollout.counts import Counts


class ServiceClient:
    """Tell the service to look at its routes now, and read its counters."""

    def __init__(self, instance: Instance) -> None:
        settings = instance.settings
        self._url = settings.service_url.rstrip("/")
        key = settings.api_key.get_secret_value() if settings.api_key is not None else None
        kept = settings.secrets / "api_key"
        self._key = key or (kept.read_text(encoding="utf-8").strip() if kept.exists() else "")

    def reload(self) -> bool:
        """Let it read its routes at once; False when it didn't (it reads them by itself, when it starts and later)."""
        try:
            return self._call("POST", "/-/reload") is not None
        except TransientError:
            return False

    def stats(self, use_case: str) -> dict[int, Counts]:
        """Its counters of a use case by release; none when it doesn't run.

        Raises TransientError when it runs and doesn't say.
        """
        from evergreen.delivery.rollout import read_counts

        return read_counts((self._call("GET", "/-/stats") or {}).get(use_case, {}))

    def _call(self, method: str, path: str) -> dict[str, Any] | None:
        """Its answer; None when nobody listens there. Raises TransientError for whatever else is no answer."""
        import httpx

        try:
            answer = httpx.request(
                method, f"{self._url}{path}", headers={"X-API-Key": self._key}, timeout=30, follow_redirects=True
            )
            if answer.is_success:
                body: dict[str, Any] = answer.json()
                return body
            code = answer.status_code
            said = f"answered {code}" + (", since the API key here is not its own" if code == 401 else "")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            if _nobody_there(error):
                return None
            said = f"gave no answer that can be read ({type(error).__name__})"
        raise TransientError(
            f"the service at {self._url} {said}, so nobody knows how its releases do; "
            "see its log and EVERGREEN_SERVICE_URL, then deploy again"
        )


def _nobody_there(error: BaseException | None) -> bool:
    """Whether the connection was refused or the name is unknown; httpx keeps the system's error as a cause."""
    while error is not None:
        if isinstance(error, ConnectionRefusedError | socket.gaierror):
            return True
        error = error.__cause__ or error.__context__
    return False
