"""Ids, and predictors' answers as stored text."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import polars as pl

from evergreen.predictions import batch_ids, request_id
from evergreen.tasks import BINARY, MULTICLASS, REGRESSION

NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def test_request_ids_are_uuids_of_version_7_and_sort_by_time() -> None:
    first = uuid.UUID(request_id(NOW, b"\xff" * 10))
    assert (first.version, first.variant) == (7, uuid.RFC_4122)
    assert first.int >> 80 == int(NOW.timestamp() * 1000)
    assert str(first) < request_id(NOW + timedelta(milliseconds=1), bytes(10))


def test_batch_ids_depend_on_what_was_scored_alone() -> None:
    ids = batch_ids("trips", 1, "batch", ["a", "b"])
    assert ids.to_list() == batch_ids("trips", 1, "batch", ["a", "b"]).to_list()
    others = [
        batch_ids("trips", 2, "batch", ["a"]),
        batch_ids("trips", 1, "replayed", ["a"]),
        batch_ids("x", 1, "batch", ["a"]),
    ]
    assert len({*ids, *(other[0] for other in others)}) == 5


def test_answers_become_text() -> None:
    binary = BINARY.stored(pl.DataFrame({"prediction": [True], "probability": [0.7]}))
    assert binary.rows() == [("true", 0.7, None)]
    number = REGRESSION.stored(pl.DataFrame({"prediction": [3.5]}))
    assert number.rows() == [("3.5", None, None)]
    several = MULTICLASS.stored(pl.DataFrame({"prediction": ["b"], "probability_a": [0.25], "probability_b": [0.75]}))
    assert several.rows() == [("b", None, '{"a": 0.25, "b": 0.75}')]
