from __future__ import annotations

import polars as pl
import pytest

from evergreen.errors import PermanentError
from evergreen.ingest import SchemaChanged
from evergreen.ingest.anonymise import anonymise, pseudonym

NAME, MAIL, PHONE = "Grace-Hopper-raw", "grace-raw@example.com", "555-raw-0199"


def every_byte(folder) -> bytes:
    """The bytes of every file, and every text in every Parquet file, as Parquet compresses."""
    found = b""
    for path in folder.rglob("*"):
        if path.is_file():
            found += path.read_bytes()
            if path.suffix == ".parquet":
                found += repr(pl.read_parquet(path).rows()).encode()
    return found


def test_promise_11_no_raw_personal_value_is_in_any_file(place, use_case):
    personal = {"name": "drop", "phone": "mask", "mail": "pseudonymise"}
    case = use_case({"type": "files", "path": "{landing}/*.csv", "personal": personal})
    place.put("a.csv", f"id,y,name,phone,mail\na,1,{NAME},{PHONE},{MAIL}\nb,2,,,\nc,{MAIL},{NAME},{PHONE},{MAIL}\n")
    place.columns = {"y": "Int64"}
    batch = place.take(case)
    assert (batch.rows, batch.broken) == (2, 1)
    written = every_byte(place.root / "staging")
    assert not [raw for raw in (NAME, PHONE, MAIL) if raw.encode() in written]
    rows = pl.read_parquet(batch.path)
    assert rows.columns == ["id", "y", "phone", "mail"]
    assert rows["phone"].to_list() == ["***", None]
    assert rows["mail"].to_list()[1] is None


def test_promise_11_nothing_is_written_when_the_key_is_missing(place, use_case):
    case = use_case({"type": "files", "path": "{landing}/*.csv", "personal": {"mail": "pseudonymise"}})
    place.put("a.csv", f"id,y,mail\na,1,{MAIL}\n")
    with pytest.raises(PermanentError, match="`mail` is to be pseudonymised and there is no key"):
        place.take(case, pseudonym_key=None)
    assert MAIL.encode() not in every_byte(place.root / "staging")


def test_promise_11_a_personal_column_that_is_not_there_stops_the_source(place, use_case):
    case = use_case({"type": "files", "path": "{landing}/*.csv", "personal": {"mail": "drop"}})
    place.put("a.csv", f"id,y,Mail\na,1,{MAIL}\n")
    with pytest.raises(
        SchemaChanged, match=r"no column `mail`, which `sources\.rows\.personal` names \(did you mean `Mail`"
    ):
        place.take(case)
    assert MAIL.encode() not in every_byte(place.root / "staging")


def test_a_pseudonym_depends_on_value_and_key_alone():
    one, other = pseudonym("a", b"k"), pseudonym("a", b"l")
    assert (len(one), one == other, one == pseudonym("a", b"k")) == (24, False, True)
    texts = anonymise(pl.DataFrame({"x": ["a", "b", "a"]}), {"x": "pseudonymise"}, b"k")["x"].to_list()
    assert texts == [one, pseudonym("b", b"k"), one]
    numbers = anonymise(pl.DataFrame({"x": [7]}), {"x": "pseudonymise"}, b"k")["x"].to_list()
    assert numbers == [pseudonym("7", b"k")]
    assert anonymise(pl.DataFrame({"x": [None]}), {"x": "pseudonymise"}, b"k")["x"].to_list() == [None]
