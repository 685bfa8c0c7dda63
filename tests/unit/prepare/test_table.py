"""What incremental preparation rebuilds, leaves alone, counts and removes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.examples import examples
from tests.unit.prepare.history import DAY, HOUR, START, History, use_case_of
from tests.unit.prepare.test_promises import applied, full

from evergreen.errors import PermanentError
from evergreen.partitions import write_rows
from evergreen.prepare import Prepared, prepare, totals
from evergreen.spec import UseCase, parse_use_case

ORDERS = """
name: orders
task: binary
key: [id]
event_time: due
predict: {at: due, lead: 2h}
target: {column: late, expression: "minutes > 30", mature_after: 1d}
sources:
  orders:  {type: files, path: x, key: [id], available_at: {column: published}}
  results: {type: files, path: x, key: [id], role: outcome}
  weather: {type: files, path: x, key: [city, seen], available_at: {column: seen, delay: 1h}}
  shops:   {type: files, path: x, key: [shop]}
prepare:
  base: orders
  join:
    - {source: weather, on: [city], as_of: seen, tolerance: 6h}
    - {source: shops, on: [shop], static: true}
"""
NIGHTLY = parse_use_case(ORDERS)


class Nights:
    """Prepares night by night what it is told has arrived."""

    def __init__(self, folder: Path) -> None:
        self.history = History(NIGHTLY, folder, 0)
        self.table: dict[str, Path] = {}
        self.quarantine: dict[str, Path] = {}
        self.number = -1

    def __call__(self, **rows: list[dict[str, Any]]) -> Prepared:
        self.number += 1
        now = START + self.number * DAY
        new = {}
        for source, brought in rows.items():
            part = self.history.append(source, brought, now, self.number)
            new[source] = [part] if part is not None else []
        made = prepare(
            NIGHTLY, sources=self.history.parts, new=new, table=self.table, quarantine=self.quarantine, as_of=now,
            parent_as_of=now - DAY if self.number else None, into=self.history.folder / f"night{self.number}",
        )  # fmt: skip
        self.table = applied(self.table, made)
        return made

    def row(self, number: int) -> dict[str, Any]:
        (found,) = [r for path in self.table.values() for r in pl.read_parquet(path).to_dicts() if r["id"] == number]
        return found


def order(number: int, due: float, city: str = "a", shop: int = 1, amount: float = 5.0) -> dict[str, Any]:
    """An order due `due` days after the start, published two days before."""
    at = START + due * DAY + 10 * HOUR
    return {"id": number, "city": city, "shop": shop, "due": at, "amount": amount, "published": at - 2 * DAY}


def weather(seen: timedelta, temp: float, city: str = "a") -> dict[str, Any]:
    return {"station": "s", "city": city, "seen": START + seen, "temp": temp, "version": 1}


def shop(number: int, size: str) -> dict[str, Any]:
    return {"shop": number, "size": size, "opened": START}


def result(number: int, minutes: int | None, note: str = "x") -> dict[str, Any]:
    return {"id": number, "minutes": minutes, "reported": START, "note": note}


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    made = Nights(tmp_path)
    made(
        orders=[order(1, 0), order(2, 1), order(3, 2, city="b"), order(4, 2)],
        weather=[weather(-2 * HOUR, 1.0), weather(-40 * HOUR, 2.0, city="b")],
        shops=[shop(1, "S")],
        results=[result(1, 50)],
    )
    return made


def test_promise_2_a_late_label_rewrites_only_the_day_it_labels(nights: Nights) -> None:
    made = nights(results=[result(2, 10)])
    # order 2's cutoff has come, too
    assert set(made.changed) == {"table/day=2024-03-02.parquet"}
    made = nights(results=[result(1, 10)])
    assert "table/day=2024-03-01.parquet" in made.changed
    assert "table/day=2024-03-02.parquet" not in made.changed
    assert nights.row(1)["_known_at"] == START + 2 * DAY


def test_a_label_repeated_with_another_note_is_known_since_the_first(nights: Nights) -> None:
    nights(results=[result(2, 10)])
    nights(results=[result(2, 11, note="y")])
    assert nights.row(2)["_known_at"] == START + DAY
    nights(results=[result(2, 90)])
    assert (nights.row(2)["late"], nights.row(2)["_known_at"]) == (True, START + 3 * DAY)
    nights(results=[result(2, None)])
    assert (nights.row(2)["late"], nights.row(2)["_known_at"]) == (None, None)


def test_promise_2_a_row_that_moves_leaves_its_old_day_and_an_empty_day_goes(nights: Nights) -> None:
    made = nights(orders=[order(2, 5)])
    assert made.removed == ("table/day=2024-03-02.parquet",)
    assert list(made.changed) == ["table/day=2024-03-06.parquet"]


def test_promise_3_a_provisional_row_is_rebuilt_once_its_cutoff_has_come(nights: Nights) -> None:
    assert nights.row(2)["_provisional"]
    assert nights.row(2)["temp"] is None  # nothing seen within six hours before its cutoff
    nights(weather=[weather(DAY - 3 * HOUR, 7.0), weather(DAY + HOUR, 8.0)])
    assert not nights.row(2)["_provisional"]
    assert nights.row(2)["temp"] == 7.0  # not the newer one, which nobody could know at the cutoff


def test_promise_3_a_base_row_published_after_its_cutoff_is_late_and_counted(nights: Nights) -> None:
    sudden = order(9, 1) | {"published": START + DAY + HOUR}
    made = nights(orders=[sudden])
    assert nights.row(9)["_late"]
    assert made.counts["late_base"] == 1
    assert totals(nights.table.values()) == {"table": 5, "provisional": 2, "late_base": 1, "labelled": 1}


def test_a_static_change_rewrites_past_rows_and_is_counted(nights: Nights) -> None:
    made = nights(shops=[shop(1, "L")])
    assert made.counts["static_changes"] == 1  # order 1; the others were provisional still
    assert nights.row(1)["size"] == "L"
    assert nights(shops=[shop(2, "L")]).counts["static_changes"] == 0


def test_a_night_without_anything_new_changes_nothing(nights: Nights) -> None:
    nights()
    nights()
    made = nights()
    assert (made.changed, made.removed, made.touched.height) == ({}, (), 0)


def test_quarantined_rows_are_rebuilt_every_night_to_be_judged_again(nights: Nights) -> None:
    nights()
    nights()
    (path,) = [path for path in nights.table if "03-03" in path]
    rows = pl.read_parquet(nights.table[path])
    held = nights.history.folder / "held.parquet"
    write_rows(rows.filter(pl.col("id") == 3).with_columns(_reasons=pl.Series([["rule"]])), held)
    nights.quarantine = {"quarantine/" + path: held}
    good = nights.history.folder / "good.parquet"
    write_rows(rows.filter(pl.col("id") != 3), good)
    nights.table[path] = good
    made = nights()
    assert list(made.changed) == [path]
    assert pl.read_parquet(made.changed[path]).equals(rows)
    assert made.touched.rows() == [("3", "day=2024-03-03")]
    moved = nights(orders=[order(3, 9)])
    assert "quarantine/" + path not in moved.removed  # row 4 is there still
    assert pl.read_parquet(moved.changed[path])["id"].to_list() == [4]


@pytest.mark.parametrize("seed", range(20, 20 + examples(2)))
def test_promise_2_with_rows_in_quarantine_nothing_is_lost_or_doubled(seed: int, tmp_path: Path) -> None:
    history = History(use_case_of(seed), tmp_path, seed)
    table: dict[str, Path] = {}
    quarantine: dict[str, Path] = {}
    before = None
    for number in range(5):
        as_of, new = history.grow(number)
        made = prepare(
            history.use_case, sources=history.parts, new=new, table=table, quarantine=quarantine, as_of=as_of,
            parent_as_of=before, into=tmp_path / f"{number}",
        )  # fmt: skip
        table = {p: f for p, f in table.items() if p not in made.removed}
        quarantine = {p: f for p, f in quarantine.items() if p not in made.removed}
        for path, file in made.changed.items():
            rows = pl.read_parquet(file)
            fails = (pl.col("id") + number) % 3 == 0
            for part, kept, where in (
                (rows.filter(~fails), table, path),
                (rows.filter(fails), quarantine, "quarantine/" + path),
            ):
                kept.pop(where, None)
                if part.height:
                    kept[where] = tmp_path / f"v{number}" / where
                    write_rows(part.with_columns(_reasons=pl.lit(["x"])) if kept is quarantine else part, kept[where])
        before = as_of
        found = pl.concat([pl.read_parquet(f).drop("_reasons", strict=False) for f in (table | quarantine).values()])
        whole = pl.concat([pl.read_parquet(f) for f in full(history, as_of, tmp_path / f"w{number}").values()])
        assert found.sort("id").equals(whole.sort("id"))


def test_rebuild_finds_what_is_left_over_and_hands_on_every_row_to_be_judged_anew(nights: Nights) -> None:
    stale = nights.history.folder / "stale.parquet"
    write_rows(pl.read_parquet(nights.table["table/day=2024-03-01.parquet"]), stale)
    made = prepare(
        NIGHTLY, sources=nights.history.parts, new={}, table={**nights.table, "table/day=1999-01-01.parquet": stale},
        quarantine={}, as_of=START, parent_as_of=START, into=nights.history.folder / "again", rebuild=True,
    )  # fmt: skip
    assert made.removed == ("table/day=1999-01-01.parquet",)
    assert made.changed.keys() == nights.table.keys()
    assert all(path.read_bytes() == nights.table[name].read_bytes() for name, path in made.changed.items())
    assert made.touched.height == 4


def test_nothing_ingested_yet_makes_no_table(tmp_path: Path) -> None:
    made = prepare(NIGHTLY, sources={}, new={}, table={}, quarantine={}, as_of=START, parent_as_of=None, into=tmp_path)
    assert (made.changed, made.removed, made.touched.height) == ({}, (), 0)


def test_a_time_that_is_none_is_told_with_the_fix(tmp_path: Path) -> None:
    history = History(NIGHTLY, tmp_path, 0)
    part = history.append("orders", [order(1, 0)], START, 0)
    assert part is not None
    pl.read_parquet(part).with_columns(pl.col("due").cast(pl.String)).write_parquet(part)
    with pytest.raises(PermanentError, match=r"column `due` holds String, not times; set `types: \{due: datetime\}`"):
        full(history, START, tmp_path / "out")


def test_a_row_without_its_time_stays_provisional_in_a_file_of_its_own(nights: Nights) -> None:
    nights(orders=[order(7, 1) | {"due": None}])
    assert "table/day=unknown.parquet" in nights.table
    row = nights.row(7)
    assert (row["_provisional"], row["_late"], row["_cutoff"]) == (True, False, None)


def test_what_the_base_computes_the_target_of_is_in_no_row_and_in_no_rows_hash(tmp_path: Path) -> None:
    case = parse_use_case("""
name: orders
task: binary
key: [id]
event_time: due
target: {column: big, expression: "amount > 2"}
sources: {orders: {type: files, path: x, key: [id]}}
""")

    def rows(name: str, *amounts: float) -> pl.DataFrame:
        brought = [order(number, 0, amount=amount) for number, amount in enumerate(amounts)]
        part = History(case, tmp_path / name, 0).append("orders", brought, START, 0)
        made = prepare(
            case, sources={"orders": [part]}, new={"orders": [part]}, table={}, quarantine={}, as_of=START,
            parent_as_of=None, into=tmp_path / name,
        )  # fmt: skip
        return pl.concat([pl.read_parquet(path) for path in made.changed.values()])

    small, large = rows("small", 1.0, 5.0), rows("large", 9.0, 9.0)
    assert "amount" not in small.columns
    assert (small["big"].to_list(), large["big"].to_list()) == ([False, True], [True, True])
    assert small["_row"].equals(large["_row"])


def edited(text: str, *changes: tuple[str, str]) -> UseCase:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_use_case(text)


def built(case: UseCase, history: History) -> dict[int, dict[str, Any]]:
    """The rows by id, by what the use case says now."""
    made = prepare(
        case, sources=history.parts, new={}, table={}, quarantine={}, as_of=START + 3 * DAY, parent_as_of=None,
        into=history.folder / "built",
    )  # fmt: skip
    return {row["id"]: row for path in made.changed.values() for row in pl.read_parquet(path).to_dicts()}


def test_promise_3_rows_that_are_kept_follow_an_edit_of_when_they_could_be_known(tmp_path: Path) -> None:
    before = edited(ORDERS, (", available_at: {column: published}", ""))
    history = History(before, tmp_path, 0)
    history.append("orders", [order(1, 1)], START + 3 * DAY, 3)
    assert built(before, history)[1]["_late"]
    assert not built(parse_use_case(ORDERS), history)[1]["_late"]


def test_promise_2_rows_that_are_kept_follow_an_edit_of_their_key(tmp_path: Path) -> None:
    before = edited(ORDERS, ("key: [city, seen]", "key: [station]"))
    history = History(before, tmp_path, 0)
    history.append("orders", [order(1, 0)], START, 0)
    history.append("weather", [weather(-2 * HOUR, 1.0)], START, 0)
    history.append("weather", [weather(-4 * HOUR, 9.0, city="b")], START + DAY, 1)
    assert built(before, history)[1]["temp"] is None
    assert built(parse_use_case(ORDERS), history)[1]["temp"] == 1.0


def test_promise_11_a_column_that_is_to_be_dropped_is_dropped_from_rows_that_are_kept(tmp_path: Path) -> None:
    history = History(parse_use_case(ORDERS), tmp_path, 0)
    history.append("orders", [order(1, 0)], START, 0)
    assert "amount" in built(parse_use_case(ORDERS), history)[1]
    dropped = edited(ORDERS, ("column: published}", "column: published}, personal: {amount: drop}"))
    assert "amount" not in built(dropped, history)[1]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2024-10-27T02:30:00+02:00", "2024-10-27T02:10:00+01:00"),
        ("2024-10-27T02:30:00Z", "2024-10-27T02:30:00.5Z"),
    ],
)
def test_promise_2_versions_ordered_by_times_written_as_text_are_ordered_by_time(
    earlier: str, later: str, tmp_path: Path
) -> None:
    case = edited(ORDERS, ("role: outcome", "role: outcome, order_by: note"))
    history = History(case, tmp_path, 0)
    history.append("orders", [order(1, 0)], START, 0)
    history.append("results", [result(1, 50, note=later), result(1, 10, note=earlier)], START, 0)
    assert built(case, history)[1]["late"] is True
