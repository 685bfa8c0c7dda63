"""Every format of a file: the same rows, the same way of telling what is broken, and nothing that blows up."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evergreen.ingest import UnreadableFile
from evergreen.ingest.parse import parse
from evergreen.ingest.parsed import Unreadable

from .conftest import Place, rows_of, use_case_with

FILES = {"type": "files", "path": "{landing}/*"}
TYPES = {"id": "string", "y": "float64", "whole": "int64", "text": "string", "yes": "bool", "at": "datetime"}

# A carriage return is no text that survives: XML reads it as a new line. An empty text is a missing one in CSV and XML.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]) | st.sampled_from(' \n"<>&,;'), min_size=1)
ROWS = st.lists(
    st.fixed_dictionaries({
        "y": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "whole": st.none() | st.integers(-(2**53), 2**53),
        "text": st.none() | TEXTS,
        "yes": st.none() | st.booleans(),
        "at": st.none() | st.datetimes(timezones=st.just(UTC)),
    }),
    min_size=1,
    max_size=6,
)  # fmt: skip


def as_texts(row):
    return {
        name: None if value is None else value.isoformat() if isinstance(value, datetime) else json.dumps(value)
        if isinstance(value, bool) else str(value) for name, value in row.items()
    }  # fmt: skip


def as_csv(rows):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(map(as_texts, rows))
    return out.getvalue().encode()


def as_xml(rows):
    root = ET.Element("rows")
    for row in map(as_texts, rows):
        record = ET.SubElement(root, "row", id=str(row["id"]))
        for name, value in row.items():
            if name != "id":
                ET.SubElement(record, name).text = value
    return ET.tostring(root)


def as_json(rows):
    return json.dumps(rows, default=lambda moment: moment.isoformat()).encode()


def as_ndjson(rows):
    return b"\n".join(as_json([row])[1:-1] for row in rows)


def as_parquet(rows):
    out = io.BytesIO()
    kinds = {"id": pl.String, "y": pl.Float64, "whole": pl.Int64, "text": pl.String, "yes": pl.Boolean}
    pl.DataFrame(rows, schema=kinds | {"at": pl.Datetime("us", "UTC")}, orient="row").write_parquet(out)
    return out.getvalue()


WRITERS = {"csv": as_csv, "xml": as_xml, "json": as_json, "ndjson": as_ndjson, "parquet": as_parquet}


@given(ROWS)
def test_the_same_rows_come_out_of_every_format(rows):
    rows = [{"id": f"r{number}", **row} for number, row in enumerate(rows)]
    for kind, write in WRITERS.items():
        with TemporaryDirectory() as folder:
            place = Place(Path(folder))
            place.put(f"rows.{kind}", write(rows))
            assert rows_of(place.extract(use_case_with({**FILES, "types": TYPES}))) == rows, kind


def test_a_source_may_change_its_format_and_its_rows_stay_what_they_are(place, use_case, read):
    rows = [{"id": f"r{n}", "y": n + 0.5, "whole": n, "text": "x", "yes": None, "at": None} for n in range(5)]
    for row, (kind, write) in zip(rows, WRITERS.items(), strict=True):
        place.put(f"{row['id']}.{kind}", write([row]))
        found = place.take(use_case(FILES))
        assert [(r["id"], r["y"], r["whole"]) for r in read(found)] == [(row["id"], row["y"], row["whole"])]


@pytest.mark.parametrize(("name", "content", "good", "told"), [
    ("a.xml", "<r>\n<x id='a' y='1'/>\n<x>secret</x>\n<x/>\n<x id='b'>secret<y>2</y></x>\n<x id='c'><y>3</y></x></r>",
     ["a", "c"], [(3, "is text, and has no fields"), (4, "has no fields"), (5, "has text between its fields")]),
    ("b.xml", "<r>secret\n<x id='a' y='1'/></r>", ["a"], [(2, "has text between its records")]),
    ("a.json", '[{"id": "a", "y": 1}, "secret", ["secret"], {"id": "b", "y": 2}]',
     ["a", "b"], [(2, "is not a JSON object"), (3, "is not a JSON object")]),
    ("b.json", b'[{"id": "a", "y": 1}, {"id": "\xff", "y": 1}, {"id": "\xc3\xa9", "y": 2}]',
     ["a", "\xe9"], [(2, "is not UTF-8")]),
])  # fmt: skip
def test_a_broken_record_is_told_by_its_place_and_the_rest_is_read(
    place, use_case, read, broken, name, content, good, told
):
    place.put(name, content)
    batch = place.take(use_case(FILES))
    assert [row["id"] for row in read(batch)] == good
    assert broken(batch) == [(name, *one) for one in told]
    assert b"secret" not in batch.broken_path.read_bytes()


@pytest.mark.parametrize(("kind", "line"), [("xml", 2), ("json", 2), ("parquet", 2), ("csv", 3)])
def test_a_value_that_does_not_fit_the_known_type_breaks_its_record_only(place, use_case, read, broken, kind, line):
    few = {"whole": 1, "text": "x", "yes": None, "at": None}
    place.put(f"a.{kind}", WRITERS[kind]([{"id": "a", "y": 0.5, **few}]))
    place.take(use_case(FILES))
    rows = [{"id": "b", "y": 1.5, **few}, {"id": "c", "y": "secret", **few}, {"id": "d", "y": 2.5, **few}]
    content = WRITERS[kind](rows) if kind != "parquet" else b""
    if kind == "xml":
        content = content.replace(b"<row ", b"\n<row ").replace(b"\n", b"", 1)
    if kind == "parquet":
        out = io.BytesIO()
        pl.DataFrame(rows, schema_overrides={"y": pl.String}, strict=False).write_parquet(out)
        content = out.getvalue()
    place.put(f"b.{kind}", content)
    batch = place.take(use_case(FILES))
    assert [row["id"] for row in read(batch)] == ["b", "d"]
    assert broken(batch) == [(f"b.{kind}", line, "column `y` holds a value that is not a number")]


@pytest.mark.parametrize(("name", "content", "why"), [
    ("a.xml", b"<r><x id='a'><y>1</y></x><x id='secr", "is not well-formed XML, or cut off, at line 1, in record 1"),
    ("a.xml", b"<r>\n<x id='a'>\n</r>", "at line 3, in record 1"),
    ("a.xml", b"no xml at all", "at line 1"),
    ("a.xml", "<r><x id='José' y='1'/></r>".encode("latin-1"), r"at line 1 \(not well-formed"),
    ("a.xml", b"<?xml version='1.0' encoding='ebcdic-cp-he'?><r/>", "unknown encoding"),
    ("a.json", b'[{"id": "a", "y": 1}, {"id": "secr', "is not JSON from its record 2 on"),
    ("a.json", b'[{"id": "a", "y": 1}', "record 2"),
    ("a.json", b'[{"id": "a", "y": 1} {"id": "b"}]', "record 2"),
    ("a.json", b'[{"id": "a"}, ]', "record 2"),
    ("a.json", b'{"id": "a"}\n{"id": "b"}', "goes on after its 1 records"),
    ("a.json", '[{"id": "a", "y": 1}]'.encode("utf-16"), "is not UTF-8"),
    ("a.json.gz", gzip.compress(b'[{"id": "a", "y": 1}]', mtime=0)[:-9], "damaged gzip archive, or cut off"),
    ("a.parquet", b"PAR1 cut off", "is not a Parquet file, or cut off or damaged"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_as_a_whole_says_where_and_never_what(place, use_case, name, content, why):
    place.put(name, content)
    with pytest.raises(UnreadableFile, match=rf"the file {name} .*{why}") as told:
        place.take(use_case(FILES))
    assert "secr" not in str(told.value)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize("bomb", [
    f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r><x id="a"><y>&l9;</y></x></r>',
    f'<!DOCTYPE r [<!ENTITY q "{"q" * 10_000}">]><r><x id="a"><y>{"&q;" * 10_000}</y></x></r>',
    '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><r><x id="a"><y>&f;</y></x></r>',
    f'<!DOCTYPE r [<!ATTLIST x big CDATA "{"b" * 10_000}">]><r>{"<x/>" * 10_000}</r>',
    '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/r.dtd"><r><x id="a" y="1"/></r>',
])  # fmt: skip
def test_entities_are_refused_before_they_are_expanded(bomb):
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match="has a DOCTYPE, which is refused"):
            parse("a.xml", bomb.encode())
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_what_is_nested_without_end_is_refused():
    for name, content in (("a.xml", "<a>" * 100_000), ("a.json", "[" * 100_000), ("a.json", '[{"a":' * 100_000)):
        with pytest.raises(Unreadable):
            parse(name, content.encode())


@pytest.mark.parametrize(("kind", "record"), [
    ("json", b'{"id": "a", "y": 1, "filler": "%s"},\n' % (b"x" * 400)),
    ("xml", b"<x><id>a</id><y>1</y><filler>%s</filler></x>\n" % (b"x" * 400)),
])  # fmt: skip
def test_a_large_file_is_read_a_record_at_a_time(kind, record):
    """What is in memory at most is a small multiple of the file, where a tree of it would be a large one."""
    body = record * 20_000
    content = b"[" + body[:-2] + b"]" if kind == "json" else b"<r>" + body + b"</r>"
    tracemalloc.start()
    try:
        assert parse(f"a.{kind}", content).frame.height == 20_000
        assert tracemalloc.get_traced_memory()[1] < 2.5 * len(content)
    finally:
        tracemalloc.stop()


def test_xml_of_every_shape(place, use_case, read):
    place.put(
        "a.xml",
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- homes --><n:r xmlns:n="urn:n" xmlns="urn:d">\n'
        '<n:x xml:lang="en" id="a"><n:y>1</n:y><tag>p</tag><tag>q</tag><tag/><price unit="USD">5</price>'
        "<note><![CDATA[1 < 2 &amp;]]></note><empty></empty><name>Jos\xe9 &#38; &lt;Co&gt;</name></n:x>\n"
        "<n:x><id>b</id><y>2</y><rooms><n>3</n></rooms></n:x></n:r>".encode("latin-1"),
    )
    assert read(place.take(use_case(FILES))) == [
        {"id": "a", "y": 1, "tag": '["p","q",null]', "price": '{"text":"5","unit":"USD"}', "note": "1 < 2 &amp;",
         "empty": None, "name": "Jos\xe9 & <Co>", "rooms": None},
        {"id": "b", "y": 2, "rooms": '{"n":"3"}', **dict.fromkeys(("tag", "price", "note", "empty", "name"))},
    ]  # fmt: skip


def test_parquet_keeps_what_is_nested_as_json_text_and_other_types_as_ours(place, use_case, read):
    frame = pl.DataFrame({
        "id": ["a", "b"], "y": pl.Series([1, 2], dtype=pl.Int8), "tags": [["x", "y"], None],
        "who": [{"b": 1, "a": None}, {"b": 2, "a": "c"}], "kind": pl.Series(["u", "v"], dtype=pl.Categorical),
        "money": pl.Series(["1.50", "2.25"]).cast(pl.Decimal(10, 2)),
    })  # fmt: skip
    frame.write_parquet(place.landing / "a.parquet")
    assert read(place.take(use_case(FILES))) == [
        {"id": "a", "y": 1, "tags": '["x","y"]', "who": '{"a":null,"b":1}', "kind": "u", "money": 1.5},
        {"id": "b", "y": 2, "tags": None, "who": '{"a":"c","b":2}', "kind": "v", "money": 2.25},
    ]


@pytest.mark.parametrize("kind", ["parquet", "json", "xml", "json.gz"])
def test_a_damaged_file_is_read_or_refused_and_never_more_than_that(kind):
    """Cut off or with a few bytes changed, as disks and networks do it."""
    rows = [{"id": f"r{n}", "y": n * 1.5, "whole": n, "text": "x" * n, "yes": None, "at": None} for n in range(60)]
    whole = WRITERS[kind.removesuffix(".gz")](rows)
    whole = gzip.compress(whole) if kind.endswith(".gz") else whole
    chance = random.Random(kind)
    for turn in range(300):
        damaged = bytearray(whole)
        if turn % 3:
            for _ in range(chance.randrange(1, 4)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        else:
            del damaged[chance.randrange(len(damaged)) :]
        try:
            parse(f"a.{kind}", bytes(damaged))
        except Unreadable:
            continue
