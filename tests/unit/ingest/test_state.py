from __future__ import annotations

import itertools
import random
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evergreen.hashing import row_hashes

FILES = {"type": "files", "path": "{landing}/*.csv"}


def versions(place) -> list[tuple[str, str]]:
    return sorted(place.state().select("_key", "_hash").rows())


def test_promise_2_a_value_that_comes_back_is_a_version_of_its_own(place, use_case):
    one = use_case(FILES)
    counts = [place.append(one, place.batch([{"id": "a", "y": y}], day)).new for day, y in enumerate([1, 2, 1, 1])]
    assert counts == [1, 1, 1, 0]
    newest = place.state().sort("_data_time", "_hash")["y"].to_list()
    assert newest == [1, 2, 1]


def test_promise_2_with_an_order_a_known_version_stays_known(place, use_case):
    ordered = use_case(FILES | {"order_by": "at"})
    rows = [{"id": "a", "y": 1, "at": 1}, {"id": "a", "y": 2, "at": 2}, {"id": "a", "y": 1, "at": 1}]
    assert [place.append(ordered, place.batch([row], day)).new for day, row in enumerate(rows)] == [1, 1, 0]


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 2) | st.none(), st.integers(1, 3)), min_size=1, max_size=12
    ),
    seed=st.integers(0, 1000),
    ordered=st.booleans(),
)
def test_promise_2_however_rows_are_split_over_batches_the_same_versions_are_known(
    tmp_path_factory, rows, seed, ordered
):
    from tests.unit.ingest.conftest import Place, use_case_with

    chance = random.Random(seed)
    source = FILES | {"available_at": {"column": "at", "delay": "1h"}} | ({"order_by": "at"} if ordered else {})
    case = use_case_with(source)
    schema = {"id": pl.String, "y": pl.Int64, "at": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    frame = frame.with_columns(pl.from_epoch("at", "s").dt.replace_time_zone("UTC").cast(pl.Datetime("us", "UTC")))
    found = []
    for _ in range(2):
        place = Place(tmp_path_factory.mktemp("split"))
        cuts = sorted({0, frame.height, *(chance.randint(0, frame.height) for _ in range(3))})
        for day, (start, end) in enumerate(itertools.pairwise(cuts)):
            place.append(case, place.batch(frame[start:end], day))
        state = place.state()
        assert state.filter(pl.col("_available_at") != pl.col("at") + timedelta(hours=1)).is_empty()
        found.append(set(state.select("_key", "_hash", "_available_at").rows()))
    assert found[0] == found[1]
    assert {(key, content) for key, content, _ in found[0]} == set(
        zip(frame["id"], row_hashes(frame, frame.columns), strict=True)
    )


def test_taking_a_batch_of_several_versions_again_adds_nothing(place, use_case):
    one = use_case(FILES)
    rows = [{"id": "a", "y": 1}, {"id": "a", "y": 2}, {"id": "a", "y": 2}, {"id": "b", "y": 1}]
    first, second = (place.append(one, place.batch(rows, day)) for day in range(2))
    assert (first.new, first.duplicates) == (3, 1)
    assert (second.new, second.duplicates, second.path) == (0, 4, None)


def test_a_batch_that_brings_an_unseen_version_leaves_its_last_one_the_newest(place, use_case):
    one = use_case(FILES)
    last = place.batch([{"id": "a", "y": 1}, {"id": "a", "y": 2}])
    frame = pl.read_parquet(last.path)
    by_hash = frame.with_columns(h=row_hashes(frame, frame.columns)).sort("h")["y"].to_list()
    place.append(one, place.batch([{"id": "a", "y": by_hash[1]}], 0))
    place.append(one, place.batch([{"id": "a", "y": by_hash[0]}, {"id": "a", "y": by_hash[1]}], 1))
    assert place.state().sort("_data_time", "_hash")["y"].to_list()[-1] == by_hash[1]
    assert set(place.state()["y"]) == {1, 2}


def test_availability_is_the_declared_column_and_delay_else_the_data_time(place, use_case):
    moment = place.batch([{"id": "a", "y": 1}]).data_time
    rows = [{"id": "a", "y": 1, "at": moment - timedelta(days=9)}, {"id": "b", "y": 1, "at": None}]
    place.append(use_case(FILES | {"available_at": {"column": "at", "delay": "2h"}}), place.batch(rows))
    place.append(use_case(FILES), place.batch([{"id": "c", "y": 1}], 1))
    found = dict(place.state().select("_key", "_available_at").rows())
    assert found["a"] == moment - timedelta(days=9) + timedelta(hours=2)
    assert found["b"] == moment
    assert found["c"] == moment + timedelta(days=1)


def test_the_part_has_its_place_its_columns_and_the_same_bytes_every_time(new_place, use_case):
    rows = [{"id": "b", "y": 1}, {"id": "a", "y": 2}]
    made = []
    for order in (rows, rows[::-1]):
        place = new_place()
        batch = place.batch(rows).model_copy(update={"path": place.batch(order, 5).path})
        appended = place.append(use_case(FILES), batch)
        assert appended.tree_path == f"sources/rows/20130301T020000Z-{batch.batch[:12]}.parquet"
        assert appended.path == place.root / "staging" / appended.tree_path
        made.append(appended.path.read_bytes())
        part = pl.read_parquet(appended.path)
        assert part.columns == ["id", "y", "_key", "_hash", "_available_at", "_batch", "_data_time"]
        assert part["_key"].to_list() == ["a", "b"]
    assert made[0] == made[1]


def test_excluded_rows_stay_out_and_repaired_ones_come_in(place, use_case):
    one = use_case(FILES)
    place.append(one, place.batch([{"id": "a", "y": 1}, {"id": "b", "y": 1}]))
    out = [row for row in versions(place) if row[0] == "a"]
    place.parts.clear()
    appended = place.append(
        one, place.batch([{"id": "a", "y": 1}, {"id": "a", "y": 2}, {"id": "b", "y": 1}], 1), excluded=out
    )
    assert (appended.new, appended.duplicates, appended.excluded) == (2, 0, 1)
    assert sorted(place.state().select("id", "y").rows()) == [("a", 2), ("b", 1)]


@pytest.fixture
def unkeyed(use_case):
    def make(source):
        return use_case(
            {},
            sources={"rows": FILES | {"key": ["id"]}, "events": source},
            predict={"at": "at"},
            prepare={"base": "rows", "join": [{"source": "events", "on": ["id"], "as_of": "at"}]},
        )

    return make


def test_files_without_a_key_are_append_only(place, unkeyed):
    case = unkeyed({"type": "files", "path": "{landing}/*.csv"})
    rows = [{"id": "a", "at": 1}, {"id": "a", "at": 1}]
    first = place.append(case, place.batch(rows, 0, "events"))
    second = place.append(case, place.batch(rows, 1, "events"))
    again = place.append(case, place.batch(rows, 1, "events"))
    assert [first.new, second.new, again.new] == [2, 2, 0]
    assert place.state()["_key"].n_unique() == 4
    assert place.state()["_key"][1] == f"{place.batch(rows, 0, 'events').batch}:000000001"


def test_a_table_without_a_key_is_known_by_its_content(place, unkeyed):
    case = unkeyed({"type": "sql", "connection": "db", "table": "events"})
    place.append(case, place.batch([{"id": "a", "at": 1}, {"id": "a", "at": 1}], 0, "events"))
    second = place.append(case, place.batch([{"id": "a", "at": 1}, {"id": "a", "at": 2}], 1, "events"))
    assert (second.new, second.duplicates) == (1, 1)
    assert place.state()["at"].to_list() == [1, 2]


def test_a_column_more_or_less_does_not_make_old_rows_new(place, use_case):
    one = use_case(FILES)
    place.append(one, place.batch([{"id": "a", "y": 1}]))
    assert place.append(one, place.batch([{"id": "a", "y": 1, "more": None}], 1)).new == 0
    assert place.append(one, place.batch([{"id": "a", "y": 1, "more": 5}], 2)).new == 1
