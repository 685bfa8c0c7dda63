"""The houses: what each office's files say, when, and that together they are the data set."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from sample_sources.files import write_missing
from sample_sources.homes import HOME_DROPS, LISTING, MONTHS, PARCEL

NOW = datetime(2013, 3, 1, 2, tzinfo=UTC)
LISTINGS, PARCELS, BUILDINGS, SALES = HOME_DROPS


def test_every_house_is_sold_once_and_keeps_its_month(data):
    assert sum(homes.height for homes in data.homes.values()) == 2641, "289 of 2,930 lie behind the clock's end"
    assert pl.concat(data.homes.values())["pid"].is_unique().all()
    assert (data.homes[date(2010, 5, 1)].height, data.homes[date(2013, 6, 1)].height) == (75, 112)
    assert set(pl.concat(data.homes.values()).dtypes) == {pl.Int64(), pl.String()}


def test_no_office_knows_a_price_before_the_month_is_over(data):
    for month in MONTHS:
        middle = datetime(month.year, month.month, 15, 12, tzinfo=UTC)
        assert LISTINGS.published_at(month) == PARCELS.published_at(month) == BUILDINGS.published_at(month)
        assert timedelta(days=28) < middle - LISTINGS.published_at(month) < timedelta(days=32)
        assert timedelta(days=17) < SALES.published_at(month) - middle < timedelta(days=22)
    assert LISTINGS.out(NOW)[-1] == date(2013, 3, 1)
    assert SALES.out(NOW)[-1] == date(2013, 1, 1)


@pytest.fixture(scope="module")
def landing(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("landing")
    written = write_missing(folder, data.homes, NOW, HOME_DROPS)
    assert len(written) == 3 * 39 + 37
    return folder / "homes"


def test_the_four_files_of_a_month_are_its_houses(data, landing):
    homes = data.homes[date(2012, 11, 1)].sort("pid")
    with (landing / "listings/2012-11.csv").open(newline="") as file:
        listings = list(csv.DictReader(file))
    assert listings[0].items() >= {"listed_at": "2012-10-15T06:00:00Z", "closes_at": "2012-11-15T12:00:00Z"}.items()
    assert [tuple(row[name] for name in ("pid", *LISTING)) for row in listings] == homes.select("pid", *LISTING).rows()
    parcels = pl.read_parquet(landing / "parcels/2012-11.parquet")
    assert parcels.drop("surveyed_at").equals(homes.select("pid", *PARCEL))
    sales = json.loads((landing / "sales/2012-11.json").read_text())
    assert [(sale["pid"], sale["price"]) for sale in sales] == homes.select("pid", "price").rows()
    assert sales[0]["recorded_at"] == "2012-12-05T06:00:00Z"
    buildings = ET.parse(landing / "buildings/2012-11.xml").getroot()
    names = [name for name in homes.columns if name not in ("pid", "price", *LISTING, *PARCEL)]
    assert [building.get("pid") for building in buildings] == homes["pid"].to_list()
    for building, row in zip(buildings, homes.select(names).iter_rows(), strict=True):
        assert [field.tag for field in building] == names
        assert [field.text for field in building] == [None if value is None else str(value) for value in row]


def test_the_same_month_has_the_same_bytes(data, landing):
    for drop in HOME_DROPS:
        month = MONTHS[7]
        assert drop.path(landing.parent, month).read_bytes() == drop.render(data.homes[month], drop.published_at(month))
