"""Data time: the moment the data speak of. No stage asks the wall clock; a door asks here, once a run."""

from __future__ import annotations

from datetime import UTC, datetime

from evergreen.errors import PermanentError, TransientError


def data_time(clock_url: str | None, *, given: str | None = None, otherwise: datetime, now: datetime) -> datetime:
    """The given time, else what the clock at `clock_url` says, else `otherwise`; whole seconds, UTC.

    Raises PermanentError when the given time can't be read or lies after `now`, TransientError when the clock doesn't
    answer.
    """
    if given:
        return _not_after(parse_time(given), now)
    if clock_url is None:
        return otherwise.astimezone(UTC).replace(microsecond=0)
    import httpx

    try:
        answer = httpx.get(clock_url, timeout=10, follow_redirects=True).raise_for_status()
        return parse_time(answer.json()["now"])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
        raise TransientError(
            f'the clock at {clock_url} (EVERGREEN_CLOCK) doesn\'t answer with {{"now": …}}: {type(error).__name__}; '
            "start it, or unset EVERGREEN_CLOCK"
        ) from error


def _not_after(moment: datetime, now: datetime) -> datetime:
    # Nothing could be published after it until its time has come: each night would be skipped as one without news.
    if moment > now:
        raise PermanentError(
            f"{moment:%Y-%m-%dT%H:%MZ} lies in the future, and data can't speak of it yet; give a data time up to now, "
            "or leave it out"
        )
    return moment


def parse_time(text: str) -> datetime:
    """`2013-03-01` or any ISO 8601 time as UTC. Raises PermanentError."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise PermanentError(f"{text!r} is not a time; write it like 2013-03-01 or 2013-03-01T02:00:00Z") from None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
