"""Candidates that misbehave, for the tests of the processes that trials run in."""

from __future__ import annotations

import os
import time
from typing import Any

from evergreen.training.candidates.logistic_regression import LogisticRegression


class Hangs(LogisticRegression):
    def build(self, *_: Any) -> Any:
        time.sleep(600)


class Grows(LogisticRegression):
    def build(self, *_: Any) -> Any:
        held = []
        while True:
            held.append(b"x" * 10_000_000)
            time.sleep(0.01)


class Dies(LogisticRegression):
    def build(self, *_: Any) -> Any:
        os._exit(7)


class Fails(LogisticRegression):
    def build(self, *_: Any) -> Any:
        raise ValueError("could not convert 'secret'")
