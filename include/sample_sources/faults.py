"""Now and then an API fails: which request does is seeded, so that a run can be repeated."""

from __future__ import annotations

import itertools

from sample_sources.chance import number, share

DEFAULT_RATE = 0.04


class Faults:
    """Decides for each request, in the order they come, whether it fails."""

    def __init__(self, rate: float = DEFAULT_RATE, seed: int = 0) -> None:
        """`rate` is the share of requests that fail: 0 none, 0.04 about one in 25, 1 all."""
        if not 0 <= rate <= 1:
            raise ValueError("the rate of faults is a share between 0 and 1")
        self._rate = rate
        self._seed = seed
        self._count = itertools.count(1)

    def next_status(self) -> int | None:
        """The HTTP status the next request fails with, 429 or 503 in equal parts; None: it is answered."""
        turn = next(self._count)
        if share(self._seed, turn, "fails") >= self._rate:
            return None
        return 429 if number(self._seed, turn, "kind") % 2 else 503
