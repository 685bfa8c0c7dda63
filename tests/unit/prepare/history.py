"""Small random histories: sources that grow batch by batch, with corrections, late rows and backfills."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from evergreen import hashing
from evergreen.spec import UseCase, parse_use_case
from evergreen.table import AVAILABLE_AT, BATCH, DATA_TIME, HASH, KEY, TIME

START = datetime(2024, 3, 1, 2, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Row = dict[str, Any]

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "orders": {
        "id": pl.Int64(),
        "city": pl.String(),
        "shop": pl.Int64(),
        "due": TIME,
        "amount": pl.Float64(),
        "published": TIME,
    },
    "results": {"id": pl.Int64(), "minutes": pl.Int64(), "reported": TIME, "note": pl.String()},
    "weather": {"station": pl.String(), "city": pl.String(), "seen": TIME, "temp": pl.Float64(), "version": pl.Int64()},
    "shops": {"shop": pl.Int64(), "size": pl.String(), "opened": TIME},
}

YAML = """
name: orders
task: binary
key: [id]
{event_time}
{predict}
target: {{column: late, expression: "minutes > 30", mature_after: 1d}}
schedule: {{ingest: "{cron}"}}
sources:
  orders:  {{type: files, path: x, key: [id]{orders}}}
  results: {{type: files, path: x, key: [id], role: outcome{results}}}
  weather: {{type: files, path: x{weather}}}
  shops:   {{type: files, path: x, key: [shop]}}
prepare:
  base: orders
  join:
    - {{source: weather, on: [city], {asof}, prefix: w_}}
    - {{source: shops, on: [shop], static: true}}
  derive: {{warmth: "w_temp * 2 + amount"}}
  where: "amount IS NULL OR amount > 1"
"""


def use_case_of(seed: int) -> UseCase:
    """One of many variants of the use case: keys, orders, availability, tolerance, lead, cron."""
    chance = random.Random(seed)
    timeless = chance.random() < 0.15
    orders = ["", ", available_at: {column: published}"]
    text = YAML.format(
        event_time="" if timeless and chance.random() < 0.7 else "event_time: due",
        predict="" if timeless else "predict: {at: due, lead: " + chance.choice(["0s", "90m", "2h", "1d"]) + "}",
        cron=chance.choice(["0 2 * * *", "0 2,14 * * *", "*/30 * * * *"]),
        orders=orders[chance.random() < 0.7],
        results=chance.choice(["", ", available_at: {column: reported, delay: 1h}"]),
        weather=chance.choice(
            [
                "",
                ", key: [city, seen]",
                ", key: [station]",
                ", key: [station], order_by: version",
                ", key: [city, seen], available_at: {column: seen, delay: 1h}",
                ", key: [station, seen], order_by: version, available_at: {column: seen}",
            ]
        ),
        asof="static: true"
        if timeless
        else "as_of: seen" + chance.choice(["", ", tolerance: 3h", ", tolerance: 26h", ", tolerance: 3d"]),
    )
    if timeless and ("x," not in text.split("weather:")[1].split("\n")[0]):
        text = text.replace("weather: {type: files, path: x}", "weather: {type: files, path: x, key: [station]}")
    return parse_use_case(text)


@dataclass
class History:
    """The sources of a use case as ingest would leave them, batch by batch."""

    use_case: UseCase
    folder: Path
    seed: int
    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in SCHEMAS})
    parts: dict[str, list[Path]] = field(default_factory=lambda: {name: [] for name in SCHEMAS})

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed * 7919 + 1)

    def grow(self, number: int) -> tuple[datetime, dict[str, list[Path]]]:
        """Ingest one more night: the data time, and the new parts."""
        data_time = START + number * DAY
        new = {}
        for source in SCHEMAS:
            if self.chance.random() < 0.85 or (number == 0 and source == "orders"):
                part = self.append(source, self.invent(source, data_time, 8 if number == 0 else 3), data_time, number)
                new[source] = [part] if part is not None else []
        return data_time, new

    def invent(self, source: str, now: datetime, most: int) -> list[Row]:
        return [getattr(self, f"_{source}")(now) for _ in range(self.chance.randint(1, most))]

    def append(self, source: str, rows: list[Row], data_time: datetime, number: int) -> Path | None:
        """Keep what is new of a batch, by the rules of source state; write it as a part."""
        spec, schema, batch = self.use_case.sources[source], SCHEMAS[source], f"{source}{number:03d}"
        frame = pl.DataFrame(rows, schema=schema).unique(maintain_order=True)
        keys = (
            hashing.key_texts(frame, spec.key).to_list() if spec.key else [f"{batch}:{n}" for n in range(frame.height)]
        )
        fresh = []
        for key, mark, row in zip(
            keys, hashing.row_hashes(frame, list(schema)).to_list(), frame.to_dicts(), strict=True
        ):
            known = [old for old in self.rows[source] + fresh if old[KEY] == key]
            if spec.order_by is not None and any(old[HASH] == mark for old in known):
                continue
            if spec.order_by is None and known and max(known, key=lambda old: self.order(source, old))[HASH] == mark:
                continue
            available = row[spec.available_at.column] if spec.available_at else data_time
            if spec.available_at and spec.available_at.delay:
                available += spec.available_at.delay
            fresh.append({**row, KEY: key, HASH: mark, AVAILABLE_AT: available, BATCH: batch, DATA_TIME: data_time})
        if not fresh:
            return None
        self.rows[source] += fresh
        own = {KEY: pl.String(), HASH: pl.String(), AVAILABLE_AT: TIME, BATCH: pl.String(), DATA_TIME: TIME}
        path = self.folder / "sources" / source / f"{data_time:%Y%m%dT%H%M%SZ}-{batch}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(fresh, schema={**schema, **own}).write_parquet(path)
        self.parts[source].append(path)
        return path

    def order(self, source: str, row: Row) -> tuple[Any, ...]:
        """What a row's newness is compared by."""
        by = self.use_case.sources[source].order_by
        return (row[by] if by else row[DATA_TIME], row[HASH], row[DATA_TIME])

    def _orders(self, now: datetime) -> Row:
        chance = self.chance
        due = now + chance.randint(-30, 60) * HOUR
        return {
            "id": chance.randint(1, 14),
            "city": chance.choice(["a", "b", None]),
            "shop": chance.choice([1, 2, 3]),
            "due": due,
            "amount": chance.choice([None, 1.0, 2.5, 3.0]),
            "published": due - chance.choice([-2, 3, 12, 40, 80]) * HOUR,
        }

    def _results(self, now: datetime) -> Row:
        chance = self.chance
        return {
            "id": chance.randint(1, 16),
            "minutes": chance.choice([None, 10, 50, 60]),
            "reported": now - chance.randint(0, 30) * HOUR,
            "note": chance.choice(["x", "y"]),
        }

    def _weather(self, now: datetime) -> Row:
        chance = self.chance
        return {
            "station": chance.choice(["s", "t", "u"]),
            "city": chance.choice(["a", "b"]),
            "seen": now - chance.choice([-6, 0, 1, 2, 3, 10, 30, 60]) * HOUR,
            "temp": chance.choice([None, 1.5, 2.0, 30.0]),
            "version": chance.randint(1, 5),
        }

    def _shops(self, now: datetime) -> Row:
        return {"shop": self.chance.randint(1, 3), "size": self.chance.choice(["S", "L"]), "opened": START}
