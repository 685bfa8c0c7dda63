"""The service's own counts of requests, errors and latencies, by use case and release."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from evergreen.delivery.rollout.counts import BUCKETS


@dataclass(slots=True)
class ReleaseCounts:
    """Of one release: requests, those that failed by the service's fault, and how long the others took."""

    requests: int = 0
    errors: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))


class Counters:
    """All counts since the process started. Used from the event loop's thread only."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], ReleaseCounts] = {}
        self._rejected: dict[tuple[str, int], int] = {}

    def of(self, use_case: str, release: int) -> ReleaseCounts:
        """The counts of a release, from zero when it is new."""
        return self._counts.setdefault((use_case, release), ReleaseCounts())

    def answered(self, use_case: str, releases: Iterable[int], seconds: float) -> None:
        """A request was answered."""
        for release in releases:
            counts = self.of(use_case, release)
            counts.requests += 1
            counts.seconds += seconds
            counts.buckets[bisect_left(BUCKETS, seconds)] += 1

    def failed(self, use_case: str, releases: Iterable[int]) -> None:
        """A request failed by the service's fault."""
        for release in releases:
            counts = self.of(use_case, release)
            counts.requests += 1
            counts.errors += 1

    def rejected(self, use_case: str, status: int) -> None:
        """A request was refused: the caller's fault, or nothing there to answer yet."""
        self._rejected[use_case, status] = self._rejected.get((use_case, status), 0) + 1

    def stats(self, use_case: str, loaded: Collection[int]) -> dict[str, Any]:
        """Counts by release, as JSON; `loaded` are the releases that answer now."""
        return {
            str(release): {
                "requests": counts.requests,
                "errors": counts.errors,
                "buckets": list(counts.buckets),
                "loaded": release in loaded,
            }
            for (name, release), counts in self._counts.items()
            if name == use_case
        }

    def prometheus(self) -> list[str]:
        """All counts as lines of Prometheus' text format."""
        lines = ["# TYPE evergreen_requests_total counter", "# TYPE evergreen_errors_total counter"]
        histogram = ["# TYPE evergreen_request_seconds histogram"]
        for (name, release), counts in sorted(self._counts.items()):
            labels = f'use_case="{name}",release="{release}"'
            lines.append(f"evergreen_requests_total{{{labels}}} {counts.requests}")
            lines.append(f"evergreen_errors_total{{{labels}}} {counts.errors}")
            total = 0
            for limit, count in zip((*BUCKETS, "+Inf"), counts.buckets, strict=True):
                total += count
                histogram.append(f'evergreen_request_seconds_bucket{{{labels},le="{limit}"}} {total}')
            histogram.append(f"evergreen_request_seconds_sum{{{labels}}} {counts.seconds:.6f}")
            histogram.append(f"evergreen_request_seconds_count{{{labels}}} {total}")
        rejected = ["# TYPE evergreen_rejected_total counter"]
        for (name, status), count in sorted(self._rejected.items()):
            rejected.append(f'evergreen_rejected_total{{use_case="{name}",status="{status}"}} {count}')
        return [*sorted(lines, key=_by_metric), *histogram, *rejected]


def _by_metric(line: str) -> tuple[str, bool]:
    name = line.split()[2] if line.startswith("#") else line.partition("{")[0]
    return name, not line.startswith("#")
