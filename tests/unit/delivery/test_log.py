"""The prediction log: bounded, patient, and never in the way."""

from __future__ import annotations

import time
from collections.abc import Callable

import polars as pl
from tests.unit.delivery.fakes import DATA_TIME, NOW, use_case

from evergreen.delivery.service.log import Entry, PredictionLog
from evergreen.errors import PermanentError, TransientError


def entry(*ids: str) -> Entry:
    rows = pl.DataFrame({"id": list(range(len(ids))), "distance": [1.0] * len(ids)})
    predicted = pl.DataFrame({"prediction": [True] * len(ids), "probability": [0.5] * len(ids)})
    return Entry(use_case(), 1, 1, 7, DATA_TIME, NOW, ids, rows, predicted)


class Writer:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.ids: list[str] = []
        self.tries = 0

    def write(self, rows: pl.DataFrame) -> None:
        self.tries += 1
        if self.error is not None:
            raise self.error
        self.ids += rows["prediction_id"].to_list()


def log_to(writer: Writer, capacity: int = 10) -> PredictionLog:
    log = PredictionLog(writer.write, capacity=capacity, interval=0.01, retry=0.01)
    log.start()
    return log


def wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_while_the_store_is_down_a_bounded_number_waits_and_the_rest_is_counted() -> None:
    writer = Writer(TransientError("down"))
    log = log_to(writer, capacity=3)
    for name in "abcde":
        log.add(entry(name))
    assert (log.waiting, log.dropped) == (3, 2)
    wait(lambda: writer.tries > 2)
    writer.error = None
    wait(lambda: log.waiting == 0)
    assert (writer.ids, log.stored) == (["a", "b", "c"], 3)
    log.close()


def test_what_can_never_be_stored_is_dropped_and_does_not_block_the_rest() -> None:
    writer = Writer(PermanentError("no such column"))
    log = log_to(writer)
    log.add(entry("a", "b"))
    wait(lambda: log.dropped == 2)
    writer.error = None
    log.add(entry("c"))
    log.close()
    assert (writer.ids, log.waiting) == (["c"], 0)


def test_closing_stores_what_waits_and_gives_up_on_a_store_that_is_down() -> None:
    writer = Writer(TransientError("down"))
    log = log_to(writer)
    log.add(entry("a"))
    log.close(timeout=5)
    assert (log.dropped, log.waiting) == (1, 0)
