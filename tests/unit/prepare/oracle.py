"""What the table has to be, worked out row by row in plain Python, as slowly and plainly as possible."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from croniter import croniter
from tests.unit.prepare.history import History, Row

from evergreen import hashing
from evergreen.spec import UseCase
from evergreen.table import AVAILABLE_AT, BATCH, DATA_TIME, HASH, KEY


def newest_version(history: History, source: str, rows: list[Row]) -> Row:
    return max(rows, key=lambda row: history.order(source, row))


def keys(rows: list[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row[KEY], []).append(row)
    return grouped


def cutoff_of(use_case: UseCase, at: datetime) -> datetime | None:
    if use_case.predict is None:
        return None
    moment = at - use_case.predict.lead
    return croniter(use_case.schedule.ingest, moment + timedelta(seconds=1)).get_prev(datetime)


def joined(history: History, source: str, on: dict[str, Any], cutoff: datetime | None) -> Row | None:
    join = next(join for join in history.use_case.prepare.join if join.source == source)
    seen = history.rows[source]
    if not join.static:
        seen = [row for row in seen if cutoff is not None and row[AVAILABLE_AT] <= cutoff]
    current = [newest_version(history, source, versions) for versions in keys(seen).values()]
    matching = [row for row in current if all(row[name] == value for name, value in on.items() if value is not None)]
    matching = [] if None in on.values() else matching
    if join.static:
        return newest_version(history, source, matching) if matching else None
    assert join.as_of is not None
    matching = [row for row in matching if row[join.as_of] is not None]
    if not matching:
        return None
    best = max(matching, key=lambda row: (row[join.as_of], *history.order(source, row), row[KEY]))
    assert cutoff is not None
    return None if join.tolerance is not None and best[join.as_of] < cutoff - join.tolerance else best


def label(history: History, key: str, at: datetime | None) -> Row:
    use_case = history.use_case
    spec = use_case.sources["results"]
    versions = sorted(
        (row for row in history.rows["results"] if row[KEY] == key), key=lambda row: history.order("results", row)
    )
    if not versions:
        return {"late": None, "_known_at": None, "_from_results": None}
    first = min(history.rows["results"], key=lambda row: (row[DATA_TIME], row[BATCH]))[BATCH]

    def target(row: Row) -> bool | None:
        return None if row["minutes"] is None else row["minutes"] > 30

    def known(row: Row) -> datetime:
        if spec.available_at is not None:
            return row[AVAILABLE_AT]
        if row[BATCH] == first and at is not None:
            return min(row[DATA_TIME], at + use_case.target.mature_after)
        return row[DATA_TIME]

    value, since = target(versions[-1]), []
    for row in reversed(versions):
        if target(row) != value:
            break
        since.append(known(row))
    return {"late": value, "_known_at": None if value is None else min(since), "_from_results": versions[-1][HASH]}


def expected(history: History, as_of: datetime) -> dict[int, Row]:
    """Table rows by id, with `partition`; without `_row`."""
    use_case = history.use_case
    table = {}
    for key, versions in keys(history.rows["orders"]).items():
        last = newest_version(history, "orders", versions)
        at = last[use_case.at] if use_case.at else None
        cutoff = cutoff_of(use_case, at) if at is not None else None
        known = [row for row in versions if cutoff is not None and row[AVAILABLE_AT] <= cutoff]
        row = newest_version(history, "orders", known) if known else last
        weather = joined(history, "weather", {"city": row["city"]}, cutoff)
        shop = joined(history, "shops", {"shop": row["shop"]}, cutoff)
        taken = {name: value for name, value in row.items() if not name.startswith("_")}
        join = use_case.prepare.join[0]
        spec = use_case.sources["weather"]
        hidden = {*join.on, *spec.key, join.as_of, spec.order_by}
        for name in ("station", "city", "seen", "temp", "version"):
            if name not in hidden and not (spec.available_at and spec.available_at.column == name):
                taken[f"w_{name}"] = weather[name] if weather else None
        taken |= {name: shop[name] if shop else None for name in ("size", "opened")}
        temp, amount = taken["w_temp"], taken["amount"]
        taken["warmth"] = None if temp is None or amount is None else temp * 2 + amount
        if not (amount is None or amount > 1):
            continue
        table[row["id"]] = {
            **taken,
            "_at": at,
            "_cutoff": cutoff,
            "_provisional": cutoff is not None and cutoff > as_of,
            "_late": cutoff is not None and not known,
            **label(history, key, at),
            "_from_orders": row[HASH],
            "_from_weather": weather[HASH] if weather else None,
            "_from_shops": shop[HASH] if shop else None,
            "partition": f"day={last['due']:%Y-%m-%d}"
            if use_case.event_time
            else f"bucket={int(hashing.text_hash(key), 16) % 64:02d}",
        }
    return table
