from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from evergreen.errors import PermanentError, TransientError
from evergreen.ingest import SchemaChanged, UnreadableFile, files

CSV = {"type": "files", "path": "{landing}/*.csv"}
NDJSON = {"type": "files", "path": "{landing}/*.ndjson"}


def test_only_new_files_are_read_and_the_cursor_names_each_by_its_hash(place, use_case, read):
    place.put("a.csv", "id,y\na,1\n")
    first = place.take(use_case(CSV))
    place.put("b.csv", "id,y\nb,2\n")
    second = place.take(use_case(CSV))
    third = place.take(use_case(CSV))
    assert [read(first), read(second), read(third)] == [[{"id": "a", "y": 1}], [{"id": "b", "y": 2}], []]
    assert list(third.cursor) == ["a.csv", "b.csv"]
    assert third.columns == {"id": "String", "y": "Int64"}


def test_a_changed_file_of_a_keyed_source_is_read_again(place, use_case, read):
    place.put("a.csv", "id,y\na,1\n")
    place.take(use_case(CSV))
    place.put("a.csv", "id,y\na,2\n")
    assert read(place.take(use_case(CSV))) == [{"id": "a", "y": 2}]


def test_a_changed_file_without_a_key_is_refused_with_the_next_step(place, use_case):
    unkeyed = use_case(
        CSV | {"path": "{landing}/base/*.csv"},
        sources={
            "rows": CSV | {"path": "{landing}/base/*.csv", "key": ["id"]},
            "events": {"type": "files", "path": "{landing}/events/*.csv"},
        },
        predict={"at": "at"},
        prepare={"base": "rows", "join": [{"source": "events", "on": ["id"], "as_of": "at"}]},
    )
    place.put("events/a.csv", "id,at\na,2013-01-01\n")
    place.take(unkeyed, "events")
    place.put("events/a.csv", "id,at\na,2013-01-02\n")
    with pytest.raises(PermanentError, match=r"events/a\.csv has changed .* Give the source a `key`, or restore"):
        place.take(unkeyed, "events")


def test_the_same_files_are_the_same_batch_whenever_they_are_taken(place, use_case):
    place.put("x.csv", "id,y\na,1\nb,2\n")
    first = place.extract(use_case(CSV))
    again = place.extract(use_case(CSV), as_of=datetime(2014, 1, 1, tzinfo=UTC))
    assert (again.batch, again.sha256) == (first.batch, first.sha256)
    place.put("x.csv", "id,y\na,1\nb,3\n")
    assert place.extract(use_case(CSV)).batch != first.batch


def test_json_gzip_and_parquet_read_alike(place, use_case, read):
    rows = [{"id": "a", "y": 1.5, "note": None}, {"id": "b", "y": None, "note": "x"}]
    text = "\n".join(json.dumps(row) for row in rows)
    place.put("1/a.ndjson", text)
    place.put("2/a.ndjson.gz", gzip.compress(text.encode()))
    place.put("3/a.json", json.dumps(rows))
    place.put("4/a.json.gz", gzip.compress(json.dumps(rows).encode()))
    place.put("5/a.csv", "id,y,note\na,1.5,\nb,,x\n")
    place.put("6/a.csv.gz", gzip.compress(b"id,y,note\na,1.5,\nb,,x\n"))
    (place.landing / "7").mkdir()
    pl.DataFrame(rows).write_parquet(place.landing / "7/a.parquet")
    batches = [place.extract(use_case({"type": "files", "path": f"{{landing}}/{n}/*"})) for n in range(1, 8)]
    assert [read(batch) for batch in batches] == [rows] * 7
    assert {tuple(batch.columns.items()) for batch in batches} == {
        (("id", "String"), ("y", "Float64"), ("note", "String"))
    }


def test_broken_lines_are_told_by_file_and_line_and_the_rest_is_read(place, use_case, read, broken):
    place.put("a.csv", 'id,y\na,1\n\nb\nc,3,3\nd,4\n"e,5\nf,6\n"g ""h""\nx",7\n')
    place.put("b.csv", b"id,y\nh,8\n\xff\xfe,9\n")
    batch = place.take(use_case(CSV))
    assert [row["id"] for row in read(batch)] == ["a", "d", "f", 'g "h"\nx', "h"]
    assert broken(batch) == [
        ("a.csv", 4, "has 1 fields where the header has 2"),
        ("a.csv", 5, "has 3 fields where the header has 2"),
        ("a.csv", 7, "has quotes that are not closed or not at a field's ends"),
        ("b.csv", 3, "is not UTF-8"),
    ]
    assert batch.broken == 4


def test_broken_json_lines_are_told_and_the_rest_is_read(place, use_case, read, broken):
    place.put("a.ndjson", '{"id": "a", "y": 1}\n{"id": "b", "y":\n\n[1]\n{"id": "c", "y": 3}')
    batch = place.take(use_case(NDJSON))
    assert [row["id"] for row in read(batch)] == ["a", "c"]
    assert broken(batch) == [("a.ndjson", 2, "is not JSON"), ("a.ndjson", 4, "is not a JSON object")]


@pytest.mark.parametrize(("source", "name", "first", "later"), [
    (CSV, "csv", "id,y\na,1\n", 'id,y\nb,2\n\n"c\nc",secret-value\nd,4\n'),
    (NDJSON, "ndjson", '{"id": "a", "y": 1}',
     '{"id": "b", "y": 2}\n\n\n{"id": "c\\nc", "y": "secret-value"}\n{"id": "d", "y": 4}'),
])  # fmt: skip
def test_a_value_that_does_not_fit_the_known_type_breaks_its_line_only(
    place, use_case, read, broken, source, name, first, later
):
    place.put(f"a.{name}", first)
    place.take(use_case(source))
    place.put(f"b.{name}", later)
    batch = place.take(use_case(source))
    assert [row["id"] for row in read(batch)] == ["b", "d"]
    assert broken(batch) == [(f"b.{name}", 4, "column `y` holds a value that is not a whole number")]
    assert b"secret-value" not in batch.broken_path.read_bytes()


def test_types_of_the_yaml_win_over_what_the_values_look_like(place, use_case, read, broken):
    place.put("a.csv", "id,y,zip\n1,1,123\n2,x,456\n")
    batch = place.take(use_case(CSV | {"types": {"id": "string", "y": "float64", "zip": "string"}}))
    assert read(batch) == [{"id": "1", "y": 1.0, "zip": "123"}]
    assert broken(batch) == [("a.csv", 3, "column `y` holds a value that is not a number")]


def test_a_column_that_was_whole_may_turn_fractional_but_a_key_may_not(place, use_case, read, broken):
    place.put("a.csv", "id,y\n1,1\n")
    place.take(use_case(CSV))
    place.put("b.csv", "id,y\n2,1.5\n2.5,2\n")
    batch = place.take(use_case(CSV))
    assert read(batch) == [{"id": 2, "y": 1.5}]
    assert broken(batch) == [("b.csv", 3, "column `id` holds a value that is not a whole number")]


def test_a_column_that_has_only_been_empty_takes_its_type_from_its_first_value(place, use_case, read):
    place.put("a.csv", "id,y,note\na,1,\n")
    assert place.take(use_case(CSV)).columns["note"] == "Null"
    place.put("b.csv", "id,y,note\nb,2,7\n")
    assert read(place.take(use_case(CSV))) == [{"id": "b", "y": 2, "note": 7}]


@pytest.mark.parametrize("value", ["007", "12345678901234567890", "NaN", "inf", "1_000", "0x1f"])
def test_texts_that_only_look_like_numbers_stay_text(place, use_case, read, value):
    place.put("a.csv", f"id,y,code\na,1,{value}\n")
    assert read(place.take(use_case(CSV)))[0]["code"] == value


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2013-03-01T02:30:00Z", 2, 30),
        ("2013-03-01 02:30", 2, 30),
        ("2013-03-01T02:30:00.000+00:00", 2, 30),
        ("2013-03-01T04:30:00+0200", 2, 30),
        ("2013-03-01T00:30:00-02", 2, 30),
        ("2013-03-01", 0, 0),
    ],
)
def test_times_the_use_case_uses_are_read_as_utc(place, use_case, read, text, hour, minute):
    place.put("a.csv", f"id,y,at,other\na,1,{text},{text}\n")
    row = read(place.take(use_case(CSV, event_time="at")))[0]
    assert row["at"] == datetime(2013, 3, 1, hour, minute, tzinfo=UTC)
    assert row["other"] == text


def test_a_new_column_is_taken_in(place, use_case, read):
    place.put("a.csv", "id,y\na,1\n")
    place.take(use_case(CSV))
    place.put("b.csv", "id,y,more\nb,2,x\n")
    assert read(place.take(use_case(CSV))) == [{"id": "b", "y": 2, "more": "x"}]


def test_a_missing_named_column_says_what_is_there_and_what_was_meant(place, use_case):
    place.put("a.csv", "id,yy\na,1\n")
    with pytest.raises(SchemaChanged) as told:
        place.take(use_case(CSV))
    assert str(told.value) == (
        "demo.rows: there is no column `y`, which `target.column` names (did you mean `yy`?); there are `id`, `yy`. "
        "Repair the source, or name the column it has now in the YAML"
    )


def test_no_files_and_empty_files_are_an_empty_batch(place, use_case, read):
    assert place.take(use_case(CSV)).rows == 0
    place.put("empty.csv", "")
    place.put("header.csv", "id,y\n")
    batch = place.take(use_case(CSV))
    assert (batch.rows, read(batch), sorted(batch.cursor)) == (0, [], ["empty.csv", "header.csv"])
    for name, content in (("empty.xml", ""), ("none.xml", "<rows/>"), ("empty.json", " "), ("none.json", "[]")):
        place.put(name, content)
    assert place.take(use_case({"type": "files", "path": "{landing}/*"})).rows == 0


@pytest.mark.parametrize(("name", "content"), [
    ("a.ndjson.gz", gzip.compress(b'{"id": "a", "y": 1}\n' * 1000, mtime=0)[:-12]),
    ("a.csv.gz", b"not gzip"),
    ("a.parquet", b"PAR1 cut off"),
    ("a.json", b'[{"id": "a"'),
    ("a.csv", b"id,id\na,1\n"),
    ("a.xlsx", b"x"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_at_all_is_named(place, use_case, name, content):
    place.put(name, content)
    with pytest.raises(UnreadableFile, match=rf"demo\.rows: the file {name} .*(Put a whole file in its place)"):
        place.take(use_case({"type": "files", "path": "{landing}/*"}))


def test_a_file_that_changes_while_it_is_read_is_worth_another_try(place, use_case, monkeypatch):
    path = place.put("a.csv", "id,y\na,1\n")
    whole = type(path).read_bytes

    def grows(self):
        content = whole(self)
        with self.open("ab") as file:
            file.write(b"b,2\n")
        return content

    monkeypatch.setattr(type(path), "read_bytes", grows)
    with pytest.raises(TransientError, match=r"a\.csv is still being written"):
        place.take(use_case(CSV))


def test_hidden_files_are_files_in_the_making(place, use_case):
    place.put(".a.csv", "id,y\na,1\n")
    assert place.take(use_case(CSV)).rows == 0


def test_files_are_not_filtered_by_data_time(place, use_case):
    place.put("a.csv", "id,y\na,1\n")
    assert place.extract(use_case(CSV), as_of=datetime(1990, 1, 1, tzinfo=UTC) + timedelta(days=1)).rows == 1


def test_nested_values_are_kept_as_json_text(place, use_case, read):
    place.put(
        "a.ndjson", '{"id": "a", "y": 1, "tags": ["x", 2], "who": {"b": 1, "a": null}}\n{"id": "b", "y": 2, "tags": 5}'
    )
    assert [(row["tags"], row["who"]) for row in read(place.take(use_case(NDJSON)))] == [
        ('["x",2]', '{"a":null,"b":1}'),
        ("5", None),
    ]


def test_a_column_that_would_clash_with_ours_is_refused_unless_dropped(place, use_case, read):
    place.put("a.csv", "id,y,_id\na,1,7\n")
    with pytest.raises(SchemaChanged, match=r"has `_id`\. Rename .* `personal: \{_id: drop\}`"):
        place.take(use_case(CSV))
    assert read(place.take(use_case(CSV | {"personal": {"_id": "drop"}}))) == [{"id": "a", "y": 1}]


def test_paths_may_lie_in_the_use_case_or_anywhere(place, use_case, tmp_path):
    place.put("data/a.csv", "id,y\na,1\n")
    for path, name in (
        ("{use_case}/landing/**/*.csv", "landing/data/a.csv"),
        ("landing/data/*.csv", "landing/data/a.csv"),
        (f"{tmp_path}/landing/d*/*.csv", "data/a.csv"),
    ):
        assert list(place.extract(use_case({"type": "files", "path": path})).cursor) == [name]
    assert files.matching(use_case(CSV).sources["rows"], tmp_path / "nowhere", tmp_path)[1] == []


@pytest.mark.parametrize(("source", "name", "content"), [
    (CSV, "a.csv", "id,y\na,1\n,2\n,3\n"),
    (NDJSON, "a.ndjson", '{"id": "a", "y": 1}\n{"y": 2}\n{"id": null, "y": 3}\n'),
])  # fmt: skip
def test_rows_without_a_key_are_no_rows_of_one_key_but_broken_lines(
    place, use_case, read, broken, source, name, content
):
    place.put(name, content)
    batch = place.take(use_case(source))
    assert [row["id"] for row in read(batch)] == ["a"]
    assert [reason for *_, reason in broken(batch)] == ["column `id` is empty, and it is in the key"] * 2


def test_ids_with_leading_zeros_or_too_many_digits_do_not_become_other_ids(place, use_case, read, broken):
    place.put("a.csv", "id,y,code\n1,1,5\n")
    place.take(use_case(CSV))
    place.put("b.csv", "id,y,code\n007,1,5\n12345678901234567890,1,5\n8,1,007\n9,1,12345678901234567890\n10,1,6\n")
    batch = place.take(use_case(CSV))
    assert read(batch) == [{"id": 10, "y": 1, "code": 6}]
    assert [(line, reason) for _, line, reason in broken(batch)] == [
        (line, f"column `{name}` holds a value that is not a whole number")
        for line, name in ((2, "id"), (3, "id"), (4, "code"), (5, "code"))
    ]


def test_who_says_that_padded_numbers_are_numbers_gets_numbers(place, use_case, read):
    place.put("a.csv", "id,y\n007,1\n")
    assert read(place.take(use_case(CSV | {"types": {"id": "int64"}}))) == [{"id": 7, "y": 1}]


@pytest.mark.parametrize("said", [{"available_at": {"column": "created"}}, {}])
def test_numbers_are_not_taken_for_the_times_that_the_future_is_told_by(place, use_case, said):
    place.put("a.ndjson", '{"id": "a", "y": 1, "created": 1700000000}')
    case = use_case(NDJSON | said, **({} if said else {"event_time": "created"}))
    with pytest.raises(SchemaChanged, match=r"takes column `created` for times, and it holds Int64") as told:
        place.take(case)
    assert "1700000000" not in str(told.value)


def test_keys_of_exact_numbers_in_parquet_keep_every_digit(place, use_case, read):
    ids = pl.Series("id", [9007199254740993, 5]).cast(pl.Decimal(20, 0))
    pl.DataFrame([ids, pl.Series("y", [1, 2])]).write_parquet(place.landing / "a.parquet")
    place.columns = {"id": "Float64"}
    batch = place.take(use_case({"type": "files", "path": "{landing}/*.parquet"}))
    assert [row["id"] for row in read(batch)] == [9007199254740993, 5]
