"""What the service has counted of one release: requests, errors and a histogram of latencies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Upper limits of the latency histogram in seconds; one more bucket holds what is slower."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one release. `buckets` has a number for each of BUCKETS and one for what is slower."""

    requests: int = 0
    errors: int = 0
    buckets: tuple[int, ...] = (0,) * (len(BUCKETS) + 1)
    loaded: bool = True
    """Whether the service has the release ready to answer now."""

    def since(self, before: Counts) -> Counts:
        """What came on top of `before`; all of it when the service has started anew in between."""
        if self.requests < before.requests or self.errors < before.errors:
            return self
        buckets = tuple(now - then for now, then in zip(self.buckets, before.buckets, strict=True))
        return Counts(self.requests - before.requests, self.errors - before.errors, buckets)

    def quantile(self, share: float) -> float | None:
        """The latency in seconds that `share` of the answers stayed below, linear within a bucket; None without any."""
        wanted = share * sum(self.buckets)
        if not wanted:
            return None
        total = 0.0
        for (lower, upper), count in zip(pairwise((0.0, *BUCKETS)), self.buckets, strict=False):
            if count and total + count >= wanted:
                return lower + (upper - lower) * (wanted - total) / count
            total += count
        return BUCKETS[-1]
