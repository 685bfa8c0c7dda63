"""The service's counts as it tells them, as counts by release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergreen.delivery.rollout.counts import Counts


def read_counts(said: Mapping[str, Any]) -> dict[int, Counts]:
    """Counts by release from the use case's part of `GET /-/stats`; releases the service has loaded are there."""
    return {
        int(release): Counts(one["requests"], one["errors"], tuple(one["buckets"]), one["loaded"])
        for release, one in said.items()
    }
