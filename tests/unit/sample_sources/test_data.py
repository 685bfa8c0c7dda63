"""The data set as it is: what the rest relies on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from sample_sources.data import OBSERVATION_COLUMNS, PLANE_COLUMNS
from sample_sources.times import NEW_YORK, evening


def all_flights(data) -> pl.DataFrame:
    return pl.concat([frame.with_columns(day=pl.lit(day)) for day, frame in data.flights.items()])


def test_every_flight_has_its_own_readable_id(data):
    flights = all_flights(data)
    assert flights.height == 336_776
    assert flights["flight_id"].n_unique() == 336_776
    assert flights["flight_id"].null_count() == 0
    assert "2013-01-01-UA-1545-EWR-0515" in data.flights[date(2013, 1, 1)]["flight_id"]


def test_flights_are_scheduled_when_new_york_clocks_say_so_all_year(data):
    ends_of_summer_time = {date(2013, 3, 10), date(2013, 11, 3)}
    for day in {*list(data.flights)[::5], *ends_of_summer_time}:
        flights = data.flights[day]
        for flight_id, scheduled_at in flights.select("flight_id", "scheduled_at").rows():
            clock = flight_id[-4:]
            local = datetime(day.year, day.month, day.day, int(clock[:2]), int(clock[2:]), tzinfo=NEW_YORK)
            assert scheduled_at == local.astimezone(UTC)


def test_planned_flights_take_a_plausible_time_so_the_zones_of_arrivals_are_right(data):
    minutes = (pl.col("scheduled_arrival") - pl.col("scheduled_at")).dt.total_minutes()
    flights = all_flights(data).with_columns(minutes=minutes)
    assert flights["minutes"].null_count() == 0
    assert flights["minutes"].min() >= 50
    speed = pl.col("distance") / pl.col("minutes") * 60
    slow_or_fast = flights.select(((speed < 60) | (speed > 600)).mean()).item()
    assert slow_or_fast < 0.001


def test_files_hold_only_what_was_known_when_they_were_published(data):
    for day, flights in data.flights.items():
        schedules, departures = evening(day - timedelta(days=1)), evening(day + timedelta(days=1))
        times = flights.select(
            first=pl.col("scheduled_at").min(),
            left=(pl.col("scheduled_at") + pl.duration(minutes="dep_delay")).max(),
            landed=(pl.col("scheduled_arrival") + pl.duration(minutes="arr_delay")).max(),
        ).row(0, named=True)
        assert schedules < times["first"]
        assert times["left"] <= departures
        assert times["landed"] <= departures


def test_an_observation_is_one_hour_of_one_origin_also_when_one_in_the_morning_comes_twice(data):
    keys = [(row[1], row[0]) for row in data.observations]
    assert len(keys) == 26_115
    assert keys == sorted(set(keys))
    hour = OBSERVATION_COLUMNS.index("observed_at")
    night = [
        row[hour]
        for row in data.observations
        if row[0] == "EWR" and datetime(2013, 11, 3, 4, tzinfo=UTC) <= row[hour] <= datetime(2013, 11, 3, 7, tzinfo=UTC)
    ]
    # The station itself was silent from 00:00Z to 04:00Z.
    assert [moment.hour for moment in night] == [5, 6, 7]


def test_missing_values_are_none(data):
    gusts = [row[OBSERVATION_COLUMNS.index("wind_gust")] for row in data.observations]
    assert sum(gust is None for gust in gusts) == 20_778
    years = [row[PLANE_COLUMNS.index("year")] for row in data.planes]
    assert sum(year is None for year in years) == 70
    assert all(year is None or isinstance(year, int) for year in years)
