from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime

import polars as pl
import pytest
import sqlalchemy as sa

from evergreen.connections import Connection
from evergreen.errors import PermanentError, TransientError
from evergreen.ingest import SchemaChanged, SourceRefused, check_online

TABLE = {"type": "sql", "connection": "fleet_db", "table": "planes"}
BY = TABLE | {"incremental": {"by": "at", "lookback": "1h"}}


@pytest.fixture
def run(database_url):
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)

    def execute(*statements: str) -> None:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"), ())

    yield execute
    engine.dispose()


@pytest.fixture
def connect(database_url):
    return lambda name: Connection(name, "", sqlalchemy_url=database_url)


@pytest.fixture
def planes(run):
    run(
        "CREATE TABLE planes (id text, y double precision, at timestamptz)",
        "INSERT INTO planes VALUES ('a', 1, '2013-02-28 23:00+02'), ('b', 2, '2013-03-01 01:30Z'), ('c', 3, "
        "'2013-03-01 02:00:00.5Z'), ('n', 4, NULL)",
    )


def test_every_type_arrives_as_itself(place, use_case, run, connect, read):
    run(
        "CREATE TABLE planes (id text, y real, i smallint, big bigint, exact numeric(30, 2), ok boolean, day date, "
        "naive timestamp, aware timestamptz, at time, doc jsonb, raw bytea, list int[], uid uuid, "
        "empty text, none text)",
        "INSERT INTO planes VALUES ('it''s \"a\", 100%\nline', 0.5, -3, 9007199254740993, 12.25, true, '2013-03-01', "
        "'2013-03-01 02:00:00.123456', '2013-03-01 02:00+05', '08:30', '{\"b\": 1}', '\\x00ff', '{1,2}', "
        "'00000000-0000-0000-0000-00000000000a', '', NULL)",
    )
    row = read(place.take(use_case(TABLE), connect=connect))[0]
    assert row == {
        "id": 'it\'s "a", 100%\nline',
        "y": 0.5,
        "i": -3,
        "big": 9007199254740993,
        "exact": 12.25,
        "ok": True,
        "day": date(2013, 3, 1),
        "naive": datetime(2013, 3, 1, 2, 0, 0, 123456, tzinfo=UTC),
        "aware": datetime(2013, 2, 28, 21, tzinfo=UTC),
        "at": "08:30:00",
        "doc": '{"b": 1}',
        "raw": "\\x00ff",
        "list": "{1,2}",
        "uid": "00000000-0000-0000-0000-00000000000a",
        "empty": "",
        "none": None,
    }


def test_the_window_is_by_the_data_time_and_a_replay_takes_the_same_rows(place, use_case, run, planes, connect, read):
    first = place.extract(use_case(BY), connect=connect)
    assert [row["id"] for row in read(first)] == ["a", "b"]
    assert first.cursor == {"by": "2013-03-01T01:30:00Z"}
    run("INSERT INTO planes VALUES ('d', 5, '2013-03-01 05:00Z')")
    replay = place.extract(use_case(BY), connect=connect)
    assert (replay.batch, replay.sha256) == (first.batch, first.sha256)
    later = place.extract(use_case(BY), connect=connect, cursor=first.cursor, as_of=datetime(2013, 3, 2, tzinfo=UTC))
    assert [row["id"] for row in read(later)] == ["b", "c", "d"]
    by_hand = place.extract(use_case(BY), connect=connect, until=datetime(2013, 3, 1, tzinfo=UTC))
    assert [row["id"] for row in read(by_hand)] == ["a"]


@pytest.mark.parametrize("kind", ["timestamp", "date", "timestamptz"])
def test_any_kind_of_time_may_be_read_by(place, use_case, run, connect, read, kind):
    run(
        f"CREATE TABLE planes (id text, y int, at {kind})",
        "INSERT INTO planes VALUES ('a', 1, '2013-02-28'), ('b', 2, '2013-03-01 01:00'), ('c', 3, '2013-03-02 01:00')",
    )
    first = place.take(use_case(BY), connect=connect)
    assert [row["id"] for row in read(first)] == ["a", "b"]
    second = place.take(use_case(BY), connect=connect, as_of=datetime(2013, 3, 3, tzinfo=UTC))
    assert [row["id"] for row in read(second)] == (["a", "b", "c"] if kind == "date" else ["b", "c"])


def test_a_query_with_casts_percents_and_parameters_of_ours(place, use_case, run, planes, connect, read):
    query = "SELECT id, y::int AS y, at, '50% off: 5:30 :id' AS note -- all\nFROM planes WHERE id LIKE '%' ;"
    batch = place.take(use_case({**BY, "table": None, "query": query}), connect=connect)
    assert [(row["id"], row["y"], row["note"]) for row in read(batch)] == [
        ("a", 1, "50% off: 5:30 :id"),
        ("b", 2, "50% off: 5:30 :id"),
    ]


def test_an_empty_table_is_an_empty_batch_with_its_columns(place, use_case, run, connect):
    run("CREATE TABLE planes (id text, y int, at timestamptz)")
    batch = place.take(use_case(BY), connect=connect)
    assert (batch.rows, batch.cursor) == (0, {})
    assert list(batch.columns) == ["id", "y", "at"]
    assert pl.read_parquet(batch.path).height == 0


def test_a_single_column_of_nulls_loses_no_row(place, use_case, run, connect, broken):
    run("CREATE TABLE planes (id text)", "INSERT INTO planes VALUES (NULL), ('a'), (NULL)")
    batch = place.take(use_case(TABLE, target={"column": "y", "expression": "id"}), connect=connect)
    assert pl.read_parquet(batch.path)["id"].to_list() == ["a"]
    assert broken(batch) == [("planes", line, "column `id` is empty, and it is in the key") for line in (1, 3)]


def test_an_all_empty_column_keeps_the_type_the_database_declares(place, use_case, run, connect):
    run("CREATE TABLE planes (id text, y int)", "INSERT INTO planes VALUES ('a', NULL)")
    assert place.take(use_case(TABLE), connect=connect).columns == {"id": "String", "y": "Int64"}


def test_a_column_that_changes_its_type_is_told(place, use_case, run, connect):
    run("CREATE TABLE planes (id text, y text)", "INSERT INTO planes VALUES ('a', 'secret-value')")
    place.columns = {"y": "Int64"}
    with pytest.raises(
        SchemaChanged, match=r"`y` holds a value that is not a whole number.*sources\.rows\.types"
    ) as told:
        place.take(use_case(TABLE), connect=connect)
    assert "secret-value" not in str(told.value)


def test_promise_11_personal_columns_are_anonymised_before_they_are_written(place, use_case, run, connect):
    run("CREATE TABLE planes (id text, y int, mail text)", "INSERT INTO planes VALUES ('a', 1, 'raw@example.com')")
    batch = place.take(use_case(TABLE | {"personal": {"mail": "pseudonymise"}}), connect=connect)
    assert len(pl.read_parquet(batch.path)["mail"][0]) == 24
    assert not [path for path in (place.root / "staging").iterdir() if b"raw@example" in path.read_bytes()]


def test_what_is_not_there_is_named_with_what_is(place, use_case, planes, connect):
    with pytest.raises(SourceRefused, match=r"no table `plane` \(did you mean `planes`\?\); there are `planes`"):
        place.take(use_case(TABLE | {"table": "plane"}), connect=connect)
    with pytest.raises(SchemaChanged, match=r"no column `yy`.*there are `id`, `y`, `at`"):
        place.take(use_case(TABLE, target={"column": "yy"}), connect=connect)
    with pytest.raises(SourceRefused, match=r'relation "nothing" does not exist \(SQLSTATE 42P01\)'):
        place.take(use_case({**TABLE, "table": None, "query": "SELECT * FROM nothing"}), connect=connect)
    assert check_online(use_case(TABLE), connect, place.landing, place.root) == []
    told = check_online(use_case(TABLE | {"table": "plane"}), connect, place.landing, place.root)
    assert "did you mean `planes`" in told[0]


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("postgresql+psycopg2://u:secret-pw@127.0.0.1:1/x", TransientError, "can't be reached"),
        ("{server}/nowhere", SourceRefused, "refused the log-in"),
        ("{wrong}", SourceRefused, "refused the log-in"),
        ("nonsense secret-pw", SourceRefused, "is not one SQLAlchemy can use"),
    ],
)
def test_a_database_that_says_no_or_nothing_is_told_without_the_password(
    place, use_case, database_url, postgres, url, error, said
):
    real = sa.make_url(database_url)
    server = real.set(database="nowhere").render_as_string(hide_password=False)
    wrong = real.set(username="nobody", password="secret-pw").render_as_string(hide_password=False)
    target = wrong if url == "{wrong}" else server if url.startswith("{server}") else url
    with pytest.raises(error, match=said) as told:
        place.take(use_case(TABLE), connect=lambda name: Connection(name, "", sqlalchemy_url=target))
    assert "secret-pw" not in str(told.value)
    assert "fleet_db" in str(told.value)
    assert told.value.__suppress_context__


def test_a_server_that_breaks_off_in_mid_read_is_transient_and_leaves_no_batch(place, use_case, run, connect):
    run(
        "CREATE TABLE planes (id text, y int)",
        "CREATE FUNCTION cut(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF n = 900000 THEN "
        "PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN n; END $$",
    )
    query = "SELECT n::text AS id, cut(n) AS y FROM generate_series(1, 1000000) AS n"
    with pytest.raises(TransientError, match="broke off"):
        place.take(use_case({**TABLE, "table": None, "query": query}), connect=connect)
    assert list((place.root / "staging").iterdir()) == []


def test_a_value_no_column_can_keep_is_refused(place, use_case, run, connect):
    run("CREATE TABLE planes (id text, y int, at timestamptz)", "INSERT INTO planes VALUES ('a', 1, 'infinity')")
    with pytest.raises(PermanentError, match="can't be kept"):
        place.take(use_case(TABLE), connect=connect)


@pytest.mark.long
def test_memory_stays_flat(database_url, tmp_path):
    """Four times the rows, 300 MB more of them, need about the same memory; a process of its own shows its peak."""
    program = r"""
import re, sys
from datetime import UTC, datetime
from pathlib import Path
from evergreen import ingest
from evergreen.connections import Connection
from evergreen.spec import parse_use_case
rows, url, into = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
case = parse_use_case('''
name: demo
task: regression
key: [id]
target: {column: y}
sources:
  rows:
    type: sql
    connection: db
    key: [id]
    query: SELECT n AS id, n * 0.5 AS y, md5(n::text) AS a, md5((-n)::text) AS b FROM generate_series(1, %d) AS n
''' % rows)
batch = ingest.extract(case, "rows", as_of=datetime(2013, 3, 1, tzinfo=UTC), cursor=None, columns=None,
    connect=lambda name: Connection(name, "", sqlalchemy_url=url), landing=into, folder=into, into=into)
assert batch.rows == rows
print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""
    few, many = (
        int(
            subprocess.run(
                [sys.executable, "-c", program, str(rows), database_url, str(tmp_path)],
                check=True, capture_output=True, text=True, env={"PYTHONPATH": "include", "OMP_NUM_THREADS": "1"},
            ).stdout
        )
        for rows in (1_000_000, 4_000_000)
    )  # fmt: skip
    assert many - few < 120_000


def test_a_reader_that_stops_does_not_wait_for_the_rest_of_the_rows(place, use_case, connect, monkeypatch):
    def full(self, frame):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("evergreen.ingest.writer.BatchWriter._count", full)
    # More than two blocks of text, and then a server that says nothing for a long time.
    silent = "CASE WHEN n > 3000000 THEN length(pg_sleep(300)::text) ELSE 1 END"
    query = f"SELECT n AS id, {silent} AS y FROM generate_series(1, 3000001) AS n"
    with pytest.raises(OSError, match="No space left"):
        place.take(use_case({**TABLE, "table": None, "query": query}), connect=connect)


LONG = "12345678901234567890"


@pytest.fixture(params=["copied", "streamed"])
def way(request, monkeypatch):
    if request.param == "streamed":
        monkeypatch.setattr("evergreen.ingest.sql.copies", lambda _: False)


@pytest.mark.parametrize("kind", ["numeric(20)", "numeric"])
def test_keys_of_exact_numbers_are_read_with_every_digit(place, use_case, run, connect, read, way, kind):
    run(f"CREATE TABLE planes (id {kind}, y int)", "INSERT INTO planes VALUES (9007199254740993, 1), (5, 2)")
    place.columns = {"id": "Float64"}
    assert [row["id"] for row in read(place.take(use_case(TABLE), connect=connect))] == [9007199254740993, 5]


def test_keys_too_long_for_a_number_are_refused_and_kept_as_text_where_one_says_so(
    place, use_case, run, connect, read, way
):
    run("CREATE TABLE planes (id numeric(20), y int)", f"INSERT INTO planes VALUES ({LONG}, 1), ({LONG} - 1, 2)")
    with pytest.raises(SchemaChanged, match=r"Say `id: string` under `sources\.rows\.types`") as told:
        place.take(use_case(TABLE), connect=connect)
    assert LONG not in str(told.value)
    batch = place.take(use_case(TABLE | {"types": {"id": "string"}}), connect=connect)
    assert [row["id"] for row in read(batch)] == [LONG, f"{int(LONG) - 1}"]
