"""Whether a release does worse than its rollout allows, by its own requests."""

from __future__ import annotations

from evergreen.artifacts import Reason
from evergreen.delivery.rollout.counts import Counts
from evergreen.spec.operation import AbortOn

MIN_REQUESTS = 20
"""Fewer requests say nothing about a rate or a quantile."""
MIN_ERRORS = 3
"""So many errors are judged however few the requests."""


def judge(counts: Counts, limits: AbortOn) -> tuple[Reason, ...]:
    """One reason a limit; `passed` is None where there were too few requests to tell."""
    enough = counts.requests >= MIN_REQUESTS
    few = f"{counts.requests} requests are too few to tell (at least {MIN_REQUESTS})"
    rate = counts.errors / counts.requests if counts.requests else 0.0
    if enough or counts.errors >= MIN_ERRORS:
        text = f"{counts.errors} of {counts.requests} requests failed ({rate:.1%}; at most {limits.error_rate:.1%})"
        errors = Reason(
            check="error_rate", passed=rate <= limits.error_rate, text=text, value=rate, limit=limits.error_rate
        )
    else:
        errors = Reason(check="error_rate", passed=None, text=few, limit=limits.error_rate)
    limit = limits.p99.total_seconds()
    p99 = counts.quantile(0.99)
    if not enough or p99 is None:
        return errors, Reason(check="p99", passed=None, text=few, limit=limit)
    text = f"99% of {counts.requests} requests took at most {p99 * 1000:.0f} ms (at most {limit * 1000:.0f} ms)"
    return errors, Reason(check="p99", passed=p99 <= limit, text=text, value=p99, limit=limit)
