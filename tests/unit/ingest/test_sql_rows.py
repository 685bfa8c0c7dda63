"""Databases without COPY go through SQLAlchemy's stream; SQLite stands for them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from evergreen.connections import Connection
from evergreen.errors import PermanentError
from evergreen.ingest import SchemaChanged, SourceRefused, check_online


@pytest.fixture
def database(tmp_path):
    url = f"sqlite:///{tmp_path}/source.db"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("CREATE TABLE planes (id TEXT, y FLOAT, n INTEGER, at DATETIME, day DATE, note TEXT)")
        )
        insert = "INSERT INTO planes VALUES (:id, :y, :n, :at, :day, NULL)"
        for n, (name, at) in enumerate(
            [("a", "2013-02-01"), ("b", "2013-02-28"), ("c", "2013-03-01"), ("d", "2013-04-01")]
        ):
            row = {"id": name, "y": n, "n": n, "at": f"{at} 01:00:00.000000", "day": at}
            connection.execute(sa.text(insert), row)
    engine.dispose()
    return lambda name: Connection(name, "", sqlalchemy_url=url)


def test_rows_up_to_the_data_time_with_the_tables_own_types(place, use_case, database, read):
    case = use_case(
        {"type": "sql", "connection": "db", "table": "planes", "incremental": {"by": "at", "lookback": "2d"}}
    )
    batch = place.take(case, connect=database)
    assert [row["id"] for row in read(batch)] == ["a", "b", "c"]
    assert read(batch)[0]["at"] == datetime(2013, 2, 1, 1, tzinfo=UTC)
    assert list(batch.columns.values()) == [
        "String", "Float64", "Int64", "Datetime(time_unit='us', time_zone='UTC')", "Date", "String"
    ]  # fmt: skip
    assert batch.cursor == {"by": "2013-03-01T01:00:00Z"}
    later = place.take(case, connect=database, as_of=datetime(2013, 5, 1, tzinfo=UTC))
    assert [row["id"] for row in read(later)] == ["b", "c", "d"]


def test_a_query_reads_by_a_number(place, use_case, database, read):
    query = "SELECT id, y, n, 'it''s 5:30' AS text FROM planes WHERE n < 3;"
    source = {"type": "sql", "connection": "db", "query": query, "incremental": {"by": "n"}}
    case = use_case(source)
    batch = place.take(case, connect=database)
    assert (batch.cursor, [row["id"] for row in read(batch)]) == ({"by": 2}, ["a", "b", "c"])
    assert read(batch)[0]["text"] == "it's 5:30"
    assert [row["id"] for row in read(place.take(case, connect=database))] == ["c"]
    lookback = use_case(source | {"incremental": {"by": "n", "lookback": "1h"}})
    with pytest.raises(PermanentError, match="`n` is a number, and a lookback is a time"):
        place.take(lookback, connect=database)


def test_what_is_not_there_is_named_with_what_is(place, use_case, database):
    with pytest.raises(
        SourceRefused, match=r"`db` has no table `plane` \(did you mean `planes`\?\); there are `planes`"
    ):
        place.take(use_case({"type": "sql", "connection": "db", "table": "plane"}), connect=database)
    by = use_case({"type": "sql", "connection": "db", "table": "planes", "incremental": {"by": "att"}})
    with pytest.raises(
        SchemaChanged, match=r"no column `att`, which `sources\.rows\.incremental` names \(did you mean `at`"
    ):
        place.take(by, connect=database)
    with pytest.raises(SourceRefused, match="the statement was refused"):
        place.take(use_case({"type": "sql", "connection": "db", "query": "SELEC 1"}), connect=database)


def test_check_online_tells_everything_at_once_and_writes_nothing(place, use_case, database, tmp_path):
    case = use_case(
        {},
        target={"column": "late"},
        sources={
            "rows": {"type": "sql", "connection": "db", "table": "planes", "key": ["id"]},
            "extra": {"type": "sql", "connection": "db", "query": "SELECT id AS plane FROM planes", "key": ["id"]},
            "files": {"type": "files", "path": "{landing}/none/*.csv", "key": ["id"]},
            "gone": {"type": "sql", "connection": "db", "table": "airports", "key": ["id"]},
        },
        prepare={
            "base": "rows",
            "join": [{"source": name, "on": ["id"], "static": True} for name in ("extra", "files", "gone")],
        },
    )
    before = sorted(tmp_path.rglob("*"))
    told = check_online(case, database, place.landing, tmp_path)
    assert [sentence.split(";")[0] for sentence in told] == [
        "demo.rows: there is no column `late`, which `target.column` names (did you mean `note`?)",
        "demo.extra: there is no column `id`, which `sources.extra.key` names",
        "demo.gone: connection `db` has no table `airports`",
    ] or told
    assert len(told) == 3
    assert sorted(tmp_path.rglob("*")) == before
