"""Which columns the table has, and what is said when the YAML does not fit the sources."""

from __future__ import annotations

import pytest

from evergreen.errors import PermanentError
from evergreen.prepare import column_problems, table_columns
from evergreen.spec import UseCase, parse_use_case

SOURCES = {
    "trips": ["id", "city", "due", "distance", "published"],
    "results": ["id", "minutes"],
    "weather": ["city", "seen", "temp", "distance"],
}


def use_case(
    join: str = "prefix: w_", derive: str = "{}", where: str = "", target: str = "minutes > 30", more: str = ""
) -> UseCase:
    return parse_use_case(f"""
name: trips
task: binary
key: [id]
event_time: due
predict: {{at: due}}
target: {{column: late, expression: "{target}"}}
sources:
  trips: {{type: files, path: x, key: [id]}}
  results: {{type: files, path: x, key: [id], role: outcome}}
  weather: {{type: files, path: x, key: [city, seen]}}
prepare:
  base: trips
  join: [{{source: weather, on: [city], as_of: seen, {join}}}]
  derive: {derive}
{f'  where: "{where}"' if where else ""}
{more}
""")


def test_the_tables_columns_are_key_base_joined_derived_target() -> None:
    case = use_case(derive='{warm: "w_temp > 20", far: "warm AND distance > 5"}')
    assert table_columns(case, SOURCES) == (
        "id", "city", "distance", "due", "published", "w_distance", "w_temp", "warm", "far", "late",
    )  # fmt: skip
    assert column_problems(case, SOURCES) == []


def test_named_columns_only_are_brought_the_joining_time_too_when_named() -> None:
    case = use_case("columns: [seen, temp], prefix: w_")
    assert "w_seen" in table_columns(case, SOURCES)
    assert "w_distance" not in table_columns(case, SOURCES)


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (use_case("columns: [distance]"), "column `distance` is there already, from source trips; give the join a"),
        (use_case("columns: [tempp]"), "source weather has no column `tempp`; did you mean `temp`?"),
        (use_case("columns: [temp], prefix: _w"), "begins with `_`"),
        (use_case(derive='{city: "1"}'), "prepare.derive.city: column `city` is there already"),
        (use_case(derive='{x: "w_tmp + 1"}'), "prepare.derive.x: there is no column `w_tmp`; did you mean `w_temp`?"),
        (use_case(derive='{x: "w_temp +"}'), "prepare.derive.x: not a Polars SQL expression"),
        (use_case(derive='{x: "avg(w_temp)"}'), "looks at other rows; what is estimated from data belongs"),
        (use_case(derive='{x: "sum(w_temp) over (partition by city)"}'), "looks at other rows"),
        (use_case(derive='{x: "sum(w_temp) in (1, 2)"}'), "looks at other rows"),
        (use_case(derive='{x: "w_temp > avg(w_temp)"}'), "looks at other rows"),
        (use_case(derive='{x: "count(*)"}'), "looks at other rows"),
        (use_case(derive='{x: "due > now()"}'), "depends on the clock"),
        (use_case(where="late"), "prepare.where: there is no column `late`"),
        (use_case(target="minutess > 30"), "target.expression: there is no column `minutess`; did you mean `minutes`?"),
        (use_case(target="distance > 30"), "target.expression: there is no column `distance`"),
        (use_case(more="features: {numeric: {columns: [w_tempp]}}"), "features: there is no column `w_tempp`"),
        (use_case(more="features: {numeric: {columns: [late]}}"), "features: there is no column `late`"),
        (use_case(more="promotion: {slices: [cty]}"), "promotion.slices: there is no column `cty`; did you mean"),
        (
            use_case(more="promotion: {behaviour: {invariance: [{columns: [cty]}]}}"),
            "promotion.behaviour: there is no column `cty`; did you mean",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_what_would(case: UseCase, said: str) -> None:
    (problem,) = column_problems(case, SOURCES)
    assert said in problem


def test_all_problems_are_said_at_once() -> None:
    case = use_case("columns: [tempp]", derive='{city: "1"}')
    with pytest.raises(PermanentError, match=r"(?s)tempp.*derive\.city"):
        table_columns(case, SOURCES)


def test_a_list_of_values_and_words_of_the_clock_in_quotes_are_fine() -> None:
    case = use_case(derive="{x: \"city in ('now()', 'b') AND w_temp between 1 and 2\"}")
    assert column_problems(case, SOURCES) == []


def test_a_source_that_has_brought_nothing_is_not_judged() -> None:
    case = use_case(derive='{warm: "w_temp > 20"}')
    assert column_problems(case, {**SOURCES, "weather": []}) == []
    assert table_columns(case, {**SOURCES, "weather": []})[-2:] == ("warm", "late")


def test_the_bases_own_columns_have_to_be_there() -> None:
    trips = {**SOURCES, "trips": ["id", "town", "published"]}
    problems = " ".join(column_problems(use_case(), trips))
    assert "event_time: source trips has no column `due`" in problems
    assert "predict.at: source trips has no column `due`" in problems
    assert ".on: the base trips has no column `city`" in problems


def test_a_target_that_the_base_has_too_is_refused() -> None:
    trips = {**SOURCES, "trips": [*SOURCES["trips"], "late"]}
    assert "the base trips has a column `late` already" in column_problems(use_case(), trips)[0]


HOUSES = ["id", "listed", "sold", "rooms", "price", "big"]
OF_BASE = """
name: houses
task: binary
key: [id]
{time}
target: {{column: big, expression: "price > 100 AND sold > listed AND id > 0"}}
sources:
  houses: {{type: files, path: x, key: [id]}}
  towns: {{type: files, path: x, key: [{on}]}}
prepare: {{base: houses, join: [{{source: towns, on: [{on}], static: true}}]{prepare}}}
{more}
"""


def of_base(
    time: str = "event_time: listed", on: str = "rooms", prepare: str = "", more: str = ""
) -> tuple[UseCase, dict[str, list[str]]]:
    case = parse_use_case(OF_BASE.format(time=time, on=on, prepare=prepare, more=more))
    return case, {"houses": HOUSES, "towns": [on, "people"]}


@pytest.mark.parametrize(
    ("time", "columns"),
    [
        ("event_time: listed", ("id", "listed", "rooms", "people", "big")),
        ("predict: {at: listed}", ("id", "listed", "rooms", "people", "big")),
        ("", ("id", "rooms", "people", "big")),
    ],
)
def test_what_the_base_computes_the_target_of_is_left_out_of_the_table_but_key_and_time(
    time: str, columns: tuple[str, ...]
) -> None:
    case, sources = of_base(time)
    assert column_problems(case, sources) == []
    assert table_columns(case, sources) == columns


@pytest.mark.parametrize(
    ("place", "given"),
    [
        ("features", {"more": "features: {numeric: {columns: [rooms, price]}}"}),
        ("promotion.slices", {"more": "promotion: {slices: [price]}"}),
        ("promotion.behaviour", {"more": "promotion: {behaviour: {invariance: [{columns: [price]}]}}"}),
        ("training.split.group", {"more": "training: {split: {group: price}}"}),
        ("prepare.derive.dear", {"prepare": ', derive: {dear: "price * 2"}'}),
        ("prepare.where", {"prepare": ', where: "price > 0"'}),
        ("prepare.join[0] (towns).on", {"on": "price"}),
    ],
)
def test_what_the_target_is_computed_of_can_be_used_nowhere_else(place: str, given: dict[str, str]) -> None:
    case, sources = of_base(**given)
    said = f"{place}: `price` is known with the label only, since the target is computed of it; leave it out, or bring"
    for known in (sources, {}):
        (problem,) = column_problems(case, known)
        assert problem.startswith(said)


def test_a_joined_column_can_not_have_the_name_of_one_that_the_target_is_computed_of() -> None:
    case, sources = of_base()
    (problem,) = column_problems(case, {**sources, "towns": ["rooms", "price"]})
    assert "column `price` is there already, from target.expression" in problem


def test_with_an_outcome_the_bases_columns_stay() -> None:
    trips = {**SOURCES, "trips": [*SOURCES["trips"], "minutes"]}
    assert "minutes" in table_columns(use_case(), trips)
