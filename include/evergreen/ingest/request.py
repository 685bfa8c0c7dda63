"""What a reader of a source is given, and what it has to give back."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl

from evergreen.artifacts import JsonObject
from evergreen.connections import Resolver

if TYPE_CHECKING:
    from evergreen.spec import UseCase

BROKEN_SCHEMA = {"file": pl.String, "line": pl.Int64, "reason": pl.String}
"""A line that could not be read: where it is and why, never what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which rows of which source to take; `until` is the last moment whose rows exist, `known` the types so far."""

    use_case: UseCase
    source: str
    until: datetime
    cursor: JsonObject | None
    known: Mapping[str, pl.DataType]
    connect: Resolver
    landing: Path
    folder: Path
    sleep: Callable[[float], None]

    @property
    def where(self) -> str:
        """How messages name the source: `flights.weather`."""
        return f"{self.use_case.name}.{self.source}"


class Reader(Protocol):
    """Reads one source once.

    An implementation:

    - yields frames that all have the same columns and types;
    - knows `cursor` and `broken` once `frames()` is exhausted, and not before;
    - raises TransientError where the same call may succeed later, PermanentError where a person has to act;
    - names in messages neither a row's values nor a secret.
    """

    def frames(self) -> Generator[pl.DataFrame]:
        """The rows, a frame at a time, with the source's own columns."""

    def columns(self) -> list[str] | None:
        """The columns the source has now, by a short look at it; None where it has no rows to tell by."""

    @property
    def cursor(self) -> JsonObject:
        """How far the source has been read now."""

    @property
    def broken(self) -> pl.DataFrame:
        """Lines that could not be read, with the columns of `BROKEN_SCHEMA`."""
