from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evergreen.errors import PermanentError
from evergreen.local.connections import file_resolver, http_entry, sql_entry, write_connections

URL = "postgresql+psycopg2://evergreen:pass-word@127.0.0.1:5555/sources"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "connections.json"
    write_connections(path, {"fleet_db": sql_entry(URL), "weather_api": http_entry("http://127.0.0.1:8090", "the-key")})
    return path


def test_database_has_a_full_url_and_one_without_password(path: Path):
    connection = file_resolver(path, {})("fleet_db")
    assert connection.sqlalchemy_url == URL
    assert connection.url == URL.replace(":pass-word", "")
    assert "pass-word" not in repr(connection)


def test_api_has_base_address_key_and_header(path: Path):
    connection = file_resolver(path, {})("weather_api")
    assert (connection.url, connection.secret, connection.header) == ("http://127.0.0.1:8090", "the-key", "X-API-Key")
    assert connection.sqlalchemy_url is None
    assert "the-key" not in repr(connection)


def test_environment_comes_first(path: Path):
    variables = {
        "EVERGREEN_CONN_WEATHER_API": "https://:k%2F1@api.example.com:8443/v1/?header=Authorization",
        "EVERGREEN_CONN_FLEET_DB": "postgres://me:p%40ss@db.example.com/fleet?sslmode=require",
    }
    api = file_resolver(path, variables)("weather_api")
    assert (api.url, api.secret, api.header) == ("https://api.example.com:8443/v1", "k/1", "Authorization")
    database = file_resolver(path, variables)("fleet_db")
    assert database.sqlalchemy_url == "postgresql+psycopg2://me:p%40ss@db.example.com/fleet?sslmode=require"
    assert database.url == "postgresql+psycopg2://me@db.example.com/fleet"


def test_unknown_name_says_which_there_are_and_how_to_add_it(path: Path):
    with pytest.raises(PermanentError) as caught:
        file_resolver(path, {})("wheather_api")
    message = str(caught.value)
    assert "'wheather_api'" in message
    assert "fleet_db, weather_api" in message
    assert "EVERGREEN_CONN_WHEATHER_API" in message


def test_without_a_file_the_environment_is_still_read(tmp_path: Path):
    resolve = file_resolver(tmp_path / "missing.json", {"EVERGREEN_CONN_A": "http://localhost"})
    assert resolve("a").url == "http://localhost"
    with pytest.raises(PermanentError, match="There are: none"):
        resolve("b")


def test_an_owners_entries_stay(path: Path):
    entries = json.loads(path.read_text())
    entries["mine"] = "postgresql://me:secret@host/db"
    path.write_text(json.dumps(entries))
    write_connections(path, {"fleet_db": sql_entry(URL.replace("5555", "6666"))})
    assert file_resolver(path, {})("mine").sqlalchemy_url == "postgresql+psycopg2://me:secret@host/db"
    assert "6666" in file_resolver(path, {})("fleet_db").url
    assert path.stat().st_mode & 0o777 == 0o600


def entries(url: str, api: str = "http://127.0.0.1:8090") -> dict[str, dict[str, Any]]:
    return {"fleet_db": sql_entry(url), "weather_api": http_entry(api, "the-key")}


def edit(path: Path, **changed: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


@pytest.mark.parametrize("own", ["postgresql://me:secret@db.example.com/fleet", {**sql_entry(URL), "host": "proxy"}])
def test_a_built_in_entry_that_its_owner_has_edited_stays_at_every_start(path: Path, own: object):
    edit(path, fleet_db=own)
    for port in ("5555", "6666", "7777"):
        write_connections(path, entries(URL.replace("5555", port), f"http://127.0.0.1:{port}"))
    assert json.loads(path.read_text())["fleet_db"] == own
    assert file_resolver(path, {})("weather_api").url == "http://127.0.0.1:7777", "the others are renewed"


def test_a_built_in_entry_that_was_deleted_is_there_again(path: Path):
    path.write_text("{}")
    write_connections(path, entries(URL))
    assert file_resolver(path, {})("fleet_db").sqlalchemy_url == URL


def test_after_a_start_that_was_killed_a_built_in_entry_is_still_renewed(path: Path):
    before = path.read_text()
    write_connections(path, entries(URL.replace("5555", "6666")))
    path.write_text(before)
    write_connections(path, entries(URL.replace("5555", "7777")))
    assert "7777" in file_resolver(path, {})("fleet_db").url


def test_of_a_file_from_before_the_entries_that_are_built_in_are_told_from_edited_ones(path: Path):
    path.with_name("connections.json.generated").unlink()
    edit(path, weather_api=http_entry("http://127.0.0.1:8090", "a key of my own"))
    write_connections(path, entries(URL.replace("5555", "6666")))
    assert "6666" in file_resolver(path, {})("fleet_db").url
    assert file_resolver(path, {})("weather_api").secret == "a key of my own"


def test_no_secret_stands_beside_the_file(path: Path):
    record = path.with_name("connections.json.generated")
    assert "pass-word" not in record.read_text()
    assert record.stat().st_mode & 0o777 == 0o600


def test_driver_options_go_into_the_url(path: Path):
    write_connections(path, {"db": {"conn_type": "postgres", "host": "h", "extra": '{"sslmode": "require"}'}})
    assert file_resolver(path, {})("db").sqlalchemy_url == "postgresql+psycopg2://h?sslmode=require"


def test_api_as_airflow_writes_it(path: Path):
    write_connections(path, {"api": {"conn_type": "http", "host": "api.example.com", "schema": "https", "port": 8443}})
    assert file_resolver(path, {})("api").url == "https://api.example.com:8443"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("no secret here", "is not a URI like"),
        ({"host": "h"}, "no conn_type"),
        ({"conn_type": "http"}, "no host"),
        ({"conn_type": "postgres", "extra": "{"}, "not a JSON object"),
        ({"conn_type": "postgres", "extra": "[1]"}, "not a JSON object"),
    ],
)
def test_a_bad_entry_says_what_is_wrong_and_not_what_it_holds(path: Path, entry: object, message: str):
    path.write_text(json.dumps({"bad": entry}))
    with pytest.raises(PermanentError, match=message) as caught:
        file_resolver(path, {})("bad")
    assert "secret" not in str(caught.value)


def test_a_broken_file_is_named_with_its_line(path: Path):
    path.write_text('{\n  "a": }\n')
    with pytest.raises(PermanentError, match=r"connections.json, line 2: not JSON"):
        file_resolver(path, {})("a")
