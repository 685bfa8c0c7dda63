"""A small steady load on the service, to see that a swap of the model fails nobody."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

import httpx


class Load:
    """One client that asks again and again, about `per_second` times, until the block is left."""

    def __init__(self, url: str, api_key: str, rows: Sequence[dict[str, Any]], per_second: float = 20.0) -> None:
        self._url, self._key, self._rows, self._pause = url, api_key, rows, 1.0 / per_second
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answers: Counter[str] = Counter()
        """Status code, or the name of the error, to how often it came."""
        self.releases: Counter[int] = Counter()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    @property
    def failed(self) -> int:
        """Answers other than 200."""
        return sum(count for answer, count in self.answers.items() if answer != "200")

    def _run(self) -> None:
        with httpx.Client(headers={"X-API-Key": self._key}, timeout=10) as http:
            turn = 0
            while not self._stop.wait(self._pause):
                turn += 1
                try:
                    answer = http.post(self._url, json={"rows": [self._rows[turn % len(self._rows)]]})
                except httpx.HTTPError as error:
                    self.answers[type(error).__name__] += 1
                    time.sleep(0.2)
                    continue
                self.answers[str(answer.status_code)] += 1
                if answer.status_code == 200 and answer.json().get("release") is not None:
                    self.releases[int(answer.json()["release"])] += 1
