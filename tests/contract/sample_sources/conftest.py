from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

from sample_sources.data import SampleData, load
from sample_sources.sources import SampleSources

INCLUDE = Path(__file__).resolve().parents[3] / "include"


@pytest.fixture(scope="session")
def data() -> SampleData:
    """The whole data set, loaded once for the session."""
    return load()


@pytest.fixture
def sources(database_url: str, tmp_path: Path, data: SampleData) -> SampleSources:
    """Sources over an empty database and an empty landing folder, not prepared yet."""
    return SampleSources(database_url, tmp_path / "landing", load=lambda: data)


def query(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Run one statement on the sample database and commit it; its rows, if it has any."""
    connection = psycopg2.connect(url.replace("+psycopg2", ""), options="-c timezone=UTC")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def everything(sources: SampleSources) -> dict[str, Any]:
    """All that readers can see: every row of every table, the clock, every file's bytes."""
    tables = {
        "planes": "tail_number",
        "airports": "faa",
        "airlines": "carrier",
        "customers": "customer_id",
        "customer_outcomes": "customer_id",
        "sample_clock": "only_row",
    }
    seen: dict[str, Any] = {
        table: query(sources.database_url, f"SELECT * FROM {table} ORDER BY {key}") for table, key in tables.items()
    }
    files = (path for path in sources.landing.rglob("*") if path.is_file())
    seen["files"] = {str(path.relative_to(sources.landing)): path.read_bytes() for path in files}
    return seen


@dataclass
class Command:
    """`python -m sample_sources …` with the places of `sources`."""

    sources: SampleSources
    api_key_file: Path

    def start(self, name: str, *options: str) -> subprocess.Popen[str]:
        places = [] if name == "clock" else ["--landing", str(self.sources.landing)]
        return subprocess.Popen(
            [sys.executable, "-m", "sample_sources", name, *places, *options],
            env={"PYTHONPATH": str(INCLUDE), "SAMPLE_SOURCES_DATABASE_URL": self.sources.database_url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, name: str, *options: str) -> tuple[int, str, str]:
        with self.start(name, *options) as process:
            output, errors = process.communicate(timeout=120)
        return process.returncode, output.strip(), errors.strip()


@pytest.fixture
def command(sources: SampleSources, tmp_path: Path) -> Command:
    key = tmp_path / "api_key"
    key.write_text("open sesame\n")
    return Command(sources, key)


@pytest.fixture
def serve(command: Command) -> Iterator[Callable[..., tuple[subprocess.Popen[str], httpx.Client]]]:
    """Start a server process and wait until it is ready; gives the process and a client without a key."""
    started = []

    def start(*options: str) -> tuple[subprocess.Popen[str], httpx.Client]:
        port = "0" if "--port" not in options else options[options.index("--port") + 1]
        process = command.start("serve", "--port", port, "--api-key-file", str(command.api_key_file), *options)
        client = httpx.Client(base_url=_address(process), trust_env=False, timeout=60)
        started.append((process, client))
        return process, client

    yield start
    for process, client in started:
        client.close()
        if process.poll() is None:
            process.kill()
        process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    """The address from the log line that says it is serving."""
    import json

    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("{") and (entry := json.loads(line))["message"] == "serving":
            return str(entry["address"])
    raise AssertionError("the server ended before it was ready: " + "".join(said))
