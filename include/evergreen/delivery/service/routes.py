"""What the service is told from outside: which releases take which share of the requests, and the newest data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import polars as pl

from evergreen.artifacts import Release
from evergreen.hashing import text_hash
from evergreen.spec import UseCase


@dataclass(frozen=True, slots=True)
class Routes:
    """Where a use case's requests go now.

    `releases` are the releases that take traffic with their percentages, which add up to 100; empty before the first
    release. `base` are the base source's columns and Polars types (the manifest's `schemas[use_case.base]`): what a
    request may hold beside the model's inputs. `data_version` and `data_time` are the newest dataset version's.
    """

    use_case: UseCase
    releases: tuple[tuple[Release, int], ...] = ()
    base: Mapping[str, str] = field(default_factory=dict)
    data_version: int | None = None
    data_time: datetime | None = None


class RouteSource(Protocol):
    """Reads the routes from where they are decided. Called from a thread, about twice a second."""

    def routes(self) -> Mapping[str, Routes]:
        """Every use case by name, those without a release included."""


class Lookup(Protocol):
    """Fills a request's joined columns by the joins of `prepare`, on a dataset version's source states."""

    def __call__(self, use_case: UseCase, rows: pl.DataFrame, *, version: int, at_most: datetime) -> pl.DataFrame:
        """The rows, in order, with the table's columns; `at_most` is the version's data time."""


class Anonymise(Protocol):
    """Anonymises personal columns as `extract` does: the base's and, under their names in the table, joined ones."""

    def __call__(self, use_case: UseCase, rows: pl.DataFrame) -> pl.DataFrame:
        """The same rows with the personal columns anonymised or dropped."""


def newest_first(releases: Sequence[tuple[Release, int]]) -> tuple[tuple[Release, int], ...]:
    """The releases that take traffic, newest first: then a rollout that widens only ever moves keys forward."""
    return tuple(sorted((r for r in releases if r[1] > 0), key=lambda route: -route[0].number))


def place(use_case: str, key: str, percents: Sequence[int]) -> int:
    """Index of the share that the key falls into: always the same for the same key and percentages."""
    if len(percents) == 1:
        return 0
    point = int(text_hash(f"route\x1f{use_case}\x1f{key}")[:12], 16) % 10_000
    limit = 0
    for index, percent in enumerate(percents):
        limit += percent * 100
        if point < limit:
            return index
    return len(percents) - 1
