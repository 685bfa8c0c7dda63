"""The server as its users meet it: a process, real HTTP, the command line."""

from __future__ import annotations

import signal
import socket
import time
from urllib.parse import urlsplit

import httpx

KEY = {"X-API-Key": "open sesame"}
START = ("--start", "2013-01-05T02:00Z", "--faults", "0")


def read_all(client, **parameters):
    rows, following = [], None
    while True:
        cursor = {"cursor": following} if following else {}
        answer = client.get("/observations", headers=KEY, params={**parameters, **cursor}).raise_for_status().json()
        rows += answer["data"]
        following = answer["next"]
        if following is None:
            return rows


def test_a_day_with_the_server(serve, command, sources):
    process, client = serve(*START)
    assert client.get("/healthz").json() == {"status": "ok", "now": "2013-01-05T02:00:00Z"}
    assert client.get("/clock").json() == {"now": "2013-01-05T02:00:00Z"}
    assert command.run("clock") == (0, "2013-01-05T02:00:00Z", "")

    rows = read_all(client, limit=50)
    keys = [(row["observed_at"], row["origin"]) for row in rows]
    assert keys == sorted(set(keys))
    assert keys[0] == ("2013-01-01T06:00:00Z", "EWR")
    assert keys[-1] == ("2013-01-05T01:00:00Z", "LGA")
    assert rows == read_all(client) == read_all(client, limit=1000)
    assert rows[0] == {
        "origin": "EWR",
        "observed_at": "2013-01-01T06:00:00Z",
        "temp": 39.02,
        "dewp": 26.06,
        "humid": 59.37,
        "wind_dir": 270.0,
        "wind_speed": 10.35702,
        "wind_gust": None,
        "precip": 0.0,
        "pressure": 1012.0,
        "visib": 10.0,
    }

    answer = client.post("/clock/advance", headers=KEY, json={"by": "1d"})
    assert (answer.status_code, answer.json()) == (200, {"now": "2013-01-06T02:00:00Z"})
    assert (sources.landing / "schedules" / "2013-01-06.csv").exists()
    assert (sources.landing / "departures" / "2013-01-04.ndjson.gz").exists()
    assert len(read_all(client, since="2013-01-05T02:00:00Z")) == 72

    assert command.run("advance", "--to", "2013-01-06T03:00Z") == (0, "2013-01-06T03:00:00Z", "")
    assert client.get("/clock").json() == {"now": "2013-01-06T03:00:00Z"}
    assert len(read_all(client, since="2013-01-05T02:00:00Z", until="2013-01-06T04:00:00+00:00")) == 75

    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "", "")

    process, client = serve(*START)
    assert client.get("/clock").json() == {"now": "2013-01-06T03:00:00Z"}
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0


def test_what_is_refused_and_how(serve, command):
    _, client = serve(*START)
    for headers in ({}, {"X-API-Key": "wrong"}, {"X-API-Key": "ö".encode()}):
        for answer in (
            client.get("/observations", headers=headers),
            client.post("/clock/advance", headers=headers, json={"by": "1d"}),
        ):
            assert answer.status_code == 401
            assert "X-API-Key" in answer.json()["error"]

    for parameters, says in [
        ({"limit": "0"}, "limit is a whole number from 1 to 1000"),
        ({"limit": "1001"}, "limit is"),
        ({"limit": "٣"}, "limit is"),
        ({"since": "yesterday"}, "since is not an ISO time"),
        ({"until": "2013-01-01T00:00"}, "until is not an ISO time with a zone"),
        ({"cursor": "7"}, "cursor is not one this API gave"),
        ({"page": "2"}, "allowed are since, until, limit, cursor"),
    ]:
        answer = client.get("/observations", headers=KEY, params=parameters)
        assert answer.status_code == 400
        assert says in answer.json()["error"]

    bodies = [{}, [], "7d", {"to": 7}, {"by": "soon"}, {"to": "soon"}, {"by": "1d", "to": "2013-02-01T00:00Z"}]
    for body in bodies:
        assert client.post("/clock/advance", headers=KEY, json=body).status_code == 400
    assert client.post("/clock/advance", headers=KEY, content=b"\xff").status_code == 400
    assert client.post("/clock/advance", headers=KEY, content=b"1" * 20_000).status_code == 400
    back = client.post("/clock/advance", headers=KEY, json={"to": "2013-01-01T00:00Z"})
    assert back.status_code == 409
    assert "only moves forward" in back.json()["error"]
    assert client.get("/clock").json() == {"now": "2013-01-05T02:00:00Z"}

    code, _, errors = command.run("advance", "--to", "2013-01-01T00:00Z")
    assert code == 2
    assert errors.startswith("sample_sources: the clock stands at 2013-01-05T02:00:00Z")
    assert "Traceback" not in errors


def test_now_and_then_it_fails_and_says_when_to_come_back(serve):
    _, client = serve("--start", "2013-01-01T08:00Z", "--faults", "0.5")
    answers = [client.get("/observations", headers=KEY) for _ in range(60)]
    assert {answer.status_code for answer in answers} == {200, 429, 503}
    assert {answer.headers.get("Retry-After") for answer in answers if answer.status_code == 429} == {"1"}
    assert len({answer.text for answer in answers if answer.status_code == 200}) == 1
    assert all(client.get(path).status_code == 200 for path in ("/clock", "/healthz") for _ in range(20))


def test_without_its_database_it_answers_503_until_it_is_back(serve, postgres, sources):
    _, client = serve(*START)
    postgres.stop()
    try:
        for answer in (client.get("/healthz"), client.get("/observations", headers=KEY)):
            assert answer.status_code == 503
            assert "check that PostgreSQL runs" in answer.json()["error"]
            assert str(urlsplit(sources.database_url).password) not in answer.text
    finally:
        postgres.ensure()
    assert client.get("/healthz").status_code == 200


def test_a_port_that_is_taken_is_named(command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, errors = command.run("serve", "--port", str(port), "--api-key-file", str(command.api_key_file))
    assert code == 2
    assert f"port {port} on 127.0.0.1 can't be used" in errors
    assert "give another --port" in errors


def test_nobody_is_answered_before_everything_is_there(command, sources):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = command.start("serve", "--port", str(port), "--api-key-file", str(command.api_key_file), *START)
    try:
        refused = 0
        while process.poll() is None:
            try:
                answer = httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
                break
            except httpx.ConnectError:
                refused += 1
                time.sleep(0.01)
        assert refused > 0
        assert answer.json() == {"status": "ok", "now": "2013-01-05T02:00:00Z"}
        flights = [*sources.landing.glob("schedules/*"), *sources.landing.glob("departures/*")]
        assert len(flights) == 5 + 3
        assert len([path for path in sources.landing.rglob("*.*") if path not in flights]) == 3 * 37 + 35
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0
