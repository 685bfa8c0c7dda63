"""Whether a service is ready, asked over HTTP on this machine and never through a proxy."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

Probe = Callable[[float], bool]
"""Ready? The argument is when the process was started (seconds since the epoch)."""

_TIMEOUT = 2.0


def get(url: str) -> tuple[int, bytes]:
    """Status and body of one GET; status 0 when nobody answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def answers(url: str) -> Probe:
    """Ready once `url` answers 200."""

    def probe(_: float) -> bool:
        return get(url)[0] == 200

    return probe


def airflow_part_beats(health_url: str, part: str) -> Probe:
    """Ready once Airflow's health page shows a heartbeat of `part` that is younger than the process.

    The page alone would go on calling a dead part healthy for half a minute.
    """

    def probe(started: float) -> bool:
        status, body = get(health_url)
        if status != 200:
            return False
        try:
            state: dict[str, Any] = json.loads(body)[part]
            beat = state[f"latest_{part}_heartbeat"]
            return state["status"] == "healthy" and datetime.fromisoformat(beat).timestamp() > started
        except (KeyError, TypeError, ValueError):
            return False

    return probe
