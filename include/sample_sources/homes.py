"""Houses of Ames, Iowa, that change hands: four offices, each with its own file a month in its own format.

| folder | who would send it | format | out on | what it says |
|---|---|---|---|---|
| `homes/listings` | the brokers | CSV | the 15th of the month before | which houses close next month, and how |
| `homes/parcels` | the land register | Parquet | the same day | the ground |
| `homes/buildings` | the assessor | XML | the same day | the building |
| `homes/sales` | the recorder | JSON | the 5th of the month after | the price |

The houses and prices are the data set `ames`. Made up are the offices, the days of publishing, and the year: a sale of
2006 counts as one of 2010, so that the clock of 2013 has houses to sell and each keeps its season. Of a sale the month
is known; its middle stands for the moment.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from xml.etree import ElementTree as ET

import polars as pl

from sample_sources.files import Drop

YEARS_LATER = 4
MONTHS = tuple(date(2010 + n // 12, n % 12 + 1, 1) for n in range(50))
"""The months of sale (their first days) that the clock can reach."""
LISTING = ("neighborhood", "sale_type", "sale_condition")
PARCEL = (
    *("ms_zoning", "lot_frontage", "lot_area", "street", "alley", "lot_shape", "land_contour", "utilities"),
    *("lot_config", "land_slope", "condition_1", "condition_2"),
)
_ISO = "%Y-%m-%dT%H:%M:%SZ"


def homes_by_month(ames: pl.DataFrame) -> Mapping[date, pl.DataFrame]:
    """The houses by month of sale (its first day), sorted by `pid`; text and whole numbers, missing values null."""
    renamed = ames.rename(_name)
    whole = [name for name, kind in renamed.schema.items() if kind.is_float()]
    tidy = renamed.with_columns(
        pl.col(whole).cast(pl.Int64),
        pl.col(pl.String).str.strip_chars(),
        pl.col("pid").cast(pl.String),
        month=pl.date(pl.col("yr_sold") + YEARS_LATER, "mo_sold", 1),
    ).drop("order", "yr_sold", "mo_sold")
    months = tidy.sort("pid").partition_by("month", as_dict=True, include_key=False)
    return {month: months[month,] for month in MONTHS}


def listings_csv(homes: pl.DataFrame, published_at: datetime) -> bytes:
    """The houses that close next month."""
    closes_at = datetime.combine(_later(published_at.date(), 1), time(12), tzinfo=UTC)
    stamps = (
        pl.lit(f"{moment:{_ISO}}").alias(name)
        for name, moment in (("listed_at", published_at), ("closes_at", closes_at))
    )
    return homes.select("pid", *stamps, *LISTING).write_csv().encode()


def parcels_parquet(homes: pl.DataFrame, published_at: datetime) -> bytes:
    """The ground they stand on."""
    out = io.BytesIO()
    homes.select("pid", pl.lit(published_at).alias("surveyed_at"), *PARCEL).write_parquet(out, compression="zstd")
    return out.getvalue()


def buildings_xml(homes: pl.DataFrame, published_at: datetime) -> bytes:
    """The buildings; what is missing is an element without text."""
    root = ET.Element("buildings", office="assessor")
    for row in homes.drop(*LISTING, *PARCEL, "price").iter_rows(named=True):
        building = ET.SubElement(root, "building", pid=row.pop("pid"), inspected_at=f"{published_at:{_ISO}}")
        for name, value in row.items():
            ET.SubElement(building, name).text = None if value is None else str(value)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def sales_json(homes: pl.DataFrame, published_at: datetime) -> bytes:
    """What they were sold for, in dollars."""
    recorded = pl.lit(f"{published_at:{_ISO}}").alias("recorded_at")
    return json.dumps(homes.select("pid", recorded, "price").to_dicts(), indent=1).encode()


def _month_before(month: date) -> datetime:
    return datetime.combine(_later(month, -1).replace(day=15), time(6), tzinfo=UTC)


def _month_after(month: date) -> datetime:
    return datetime.combine(_later(month, 1).replace(day=5), time(6), tzinfo=UTC)


def _later(day: date, months: int) -> date:
    """The same day some months on."""
    number = day.year * 12 + day.month - 1 + months
    return day.replace(year=number // 12, month=number % 12 + 1)


def _stem(month: date) -> str:
    return f"{month:%Y-%m}"


def _name(column: str) -> str:
    for short, long in (("X1st", "first"), ("X2nd", "second"), ("X3Ssn", "three_season")):
        column = column.replace(short, long)
    return "living_area" if column == "area" else column.lower().replace(".", "_")


HOME_DROPS = (
    Drop("homes/listings", ".csv", MONTHS, _month_before, listings_csv, _stem),
    Drop("homes/parcels", ".parquet", MONTHS, _month_before, parcels_parquet, _stem),
    Drop("homes/buildings", ".xml", MONTHS, _month_before, buildings_xml, _stem),
    Drop("homes/sales", ".json", MONTHS, _month_after, sales_json, _stem),
)
