"""Promise 5: what the service looks up is what the table would say."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.examples import examples
from tests.unit.prepare.history import DAY, HOUR, SCHEMAS, START, YAML, History, use_case_of
from tests.unit.prepare.test_promises import full

from evergreen.errors import PermanentError
from evergreen.prepare import Lookup, lookup
from evergreen.spec import parse_use_case


@pytest.mark.parametrize("seed", range(examples(4)))
def test_promise_5_a_request_is_filled_with_what_the_table_says(seed: int, tmp_path: Path) -> None:
    history = History(use_case_of(seed), tmp_path, seed)
    for number in range(5):
        as_of, _ = history.grow(number)
    table = pl.concat(pl.read_parquet(path) for path in full(history, as_of, tmp_path / "out").values())
    # a provisional row's cutoff is yet to come; and where a correction moved the time later on, a request can't know
    table = table.filter(~pl.col("_provisional") & (pl.col("_at").eq_missing(pl.col("due")) | pl.col("_at").is_null()))
    asked = table.select(list(SCHEMAS["orders"]))
    filled = Lookup(history.use_case, history.parts, as_of).fill(asked)
    assert filled.height == table.height > 0
    assert filled.equals(table.select(filled.columns))
    for number in range(min(4, asked.height)):
        assert lookup(history.use_case, asked[number], history.parts, as_of).equals(filled[number])


def test_promise_5_a_joined_row_that_was_corrected_is_not_found_as_it_was_before(tmp_path: Path) -> None:
    text = YAML.format(
        event_time="event_time: due", predict="predict: {at: due, lead: 0s}", cron="0 2 * * *", orders="", results="",
        weather=", key: [station]", asof="as_of: seen",
    )  # fmt: skip
    history = History(parse_use_case(text), tmp_path, 0)
    measured = {"station": "s", "city": "a", "seen": START - HOUR, "temp": 20.0, "version": 1}
    order = {"id": 1, "city": "a", "shop": 1, "due": START + HOUR, "amount": 5.0, "published": None}
    history.append("orders", [order], START, 0)
    history.append("weather", [measured], START, 0)
    history.append("weather", [measured | {"city": "b"}], START + DAY, 1)
    asked = pl.DataFrame({"id": [1, 1], "city": ["a", "a"], "due": [START + HOUR, START + DAY + HOUR]})
    service = Lookup(history.use_case, history.parts, START + DAY)
    assert service.fill(asked)["w_temp"].to_list() == [20.0, None], "the station has turned out to be elsewhere"


def test_promise_5_a_request_about_the_future_knows_no_more_than_the_version(tmp_path: Path) -> None:
    history = History(use_case_of(3), tmp_path, 3)
    for number in range(3):
        as_of, _ = history.grow(number)
    one = pl.DataFrame({"id": [1], "city": ["a"], "due": [as_of + 40 * HOUR]})
    assert Lookup(history.use_case, history.parts, as_of).fill(one)["_cutoff"].to_list() == [as_of]
    untimed = Lookup(history.use_case, history.parts, as_of).fill(one.drop("due"))
    assert untimed["_cutoff"].to_list() == [as_of]
    assert untimed["due"].to_list() == [None]


def test_a_request_with_an_unknown_column_or_a_wrong_type_is_told_so(tmp_path: Path) -> None:
    history = History(use_case_of(3), tmp_path, 3)
    as_of, _ = history.grow(0)
    service = Lookup(history.use_case, history.parts, as_of)
    with pytest.raises(PermanentError, match=r"no column `citty`; did you mean `city`\?"):
        service.fill(pl.DataFrame({"id": [1], "citty": ["a"]}))
    with pytest.raises(PermanentError, match="column `shop` has to be Int64, not String") as error:
        service.fill(pl.DataFrame({"id": [1], "shop": ["secret"]}))
    assert "secret" not in str(error.value)
