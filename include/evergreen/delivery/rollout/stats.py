"""Read the service's counts over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evergreen.errors import PermanentError, TransientError

from .counts import Counts


def service_stats(url: str, api_key: str, use_case: str) -> Callable[[], Mapping[int, Counts]]:
    """A function that reads counts by release; what the service has loaded is there, from zero.

    It raises TransientError when the service can't be reached, PermanentError when it refuses the key.
    """

    def read() -> Mapping[int, Counts]:
        import httpx

        try:
            response = httpx.get(f"{url}/-/stats", headers={"X-API-Key": api_key}, timeout=10.0, trust_env=False)
        except httpx.HTTPError as error:
            raise TransientError(f"the service at {url} does not answer ({type(error).__name__})") from error
        if response.status_code != 200:
            kind = PermanentError if response.status_code in (401, 403, 404) else TransientError
            raise kind(f"the service at {url} answered {response.status_code} instead of its counts; check its API key")
        return {
            int(release): Counts(said["requests"], said["errors"], tuple(said["buckets"]), said["loaded"])
            for release, said in response.json()["use_cases"].get(use_case, {}).items()
        }

    return read
