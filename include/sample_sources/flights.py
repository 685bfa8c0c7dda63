"""The flights, each with an id and its moments in UTC, a local day at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

_ISO = "%Y-%m-%dT%H:%M:%SZ"
# The four destinations that the data set's airports lack are in Puerto Rico and the Virgin Islands.
_ATLANTIC = "America/Puerto_Rico"


def flights_by_day(flights: pl.DataFrame, airports: pl.DataFrame) -> Mapping[date, pl.DataFrame]:
    """Give each flight an id and its moments in UTC, apart by local day of departure, sorted by time and id.

    Columns of each frame: flight_id, scheduled_at, scheduled_arrival (UTC), carrier, flight, tail_number, origin, dest,
    distance (miles), dep_delay, arr_delay (minutes; null when the flight was cancelled, or did not arrive as planned).
    """
    zones = airports.select(dest="faa", zone="tzone")
    # `time_hour` is the scheduled hour in UTC, so summer time needs no guess here.
    hour = pl.col("time_hour").str.to_datetime(_ISO, time_zone="UTC")
    table = flights.join(zones, on="dest", how="left", maintain_order="left").with_columns(
        day=pl.date("year", "month", "day"),
        scheduled_at=hour + pl.duration(minutes="minute"),
        zone=pl.col("zone").fill_null(_ATLANTIC),
        flight_id=pl.format(
            "{}-{}-{}-{}-{}",
            pl.date("year", "month", "day").dt.to_string("%Y-%m-%d"),
            "carrier",
            "flight",
            "origin",
            pl.col("sched_dep_time").cast(pl.String).str.zfill(4),
        ),
    )
    arrivals = [_with_arrival(part, str(zone)) for (zone,), part in table.group_by("zone", maintain_order=True)]
    tidy = pl.concat(arrivals).select(
        "day",
        "flight_id",
        "scheduled_at",
        "scheduled_arrival",
        "carrier",
        "flight",
        pl.col("tailnum").alias("tail_number"),
        "origin",
        "dest",
        "distance",
        pl.col("dep_delay", "arr_delay").cast(pl.Int64),
    )
    days = tidy.sort("scheduled_at", "flight_id").partition_by("day", as_dict=True, include_key=False)
    return {key[0]: frame for key, frame in days.items()}


def _with_arrival(flights: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Add `scheduled_arrival`: the first moment after departure when the clocks in `zone` show `sched_arr_time`."""
    local = flights["scheduled_at"].dt.convert_time_zone(zone).dt.replace_time_zone(None)
    arrival = pl.col("_local").dt.truncate("1d") + pl.duration(
        hours=pl.col("sched_arr_time") // 100, minutes=pl.col("sched_arr_time") % 100
    )
    return (
        flights.with_columns(_local=local)
        .with_columns(_arrival=arrival)
        .with_columns(
            scheduled_arrival=(
                pl.when(pl.col("_arrival") <= pl.col("_local"))
                .then(pl.col("_arrival") + pl.duration(days=1))
                .otherwise(pl.col("_arrival"))
                .dt.replace_time_zone(zone, ambiguous="earliest")
                .dt.convert_time_zone("UTC")
            )
        )
        .drop("_local", "_arrival")
    )
