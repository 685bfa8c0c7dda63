"""What a rollout hears from the service: its counts, that nobody listens, or that it can't be known."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from evergreen.delivery.rollout import Counts
from evergreen.delivery.rollout.counts import BUCKETS
from evergreen.errors import TransientError
from evergreen.loop.service_client import ServiceClient
from evergreen.settings import Settings

BUCKETS_SAID = [0] * (len(BUCKETS) + 1)
SAID = {"toy": {"2": {"requests": 3, "errors": 1, "buckets": BUCKETS_SAID, "loaded": True}}}


@contextmanager
def service(status: int, body: bytes) -> Iterator[str]:
    """The address of something that gives this answer to everybody; none at all for status 0."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if status:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client(url: str, home: Path) -> ServiceClient:
    instance: Any = SimpleNamespace(settings=Settings(home=home, service_url=url, api_key=SecretStr("key")))
    return ServiceClient(instance)


def test_the_counts_of_a_use_case_are_read(tmp_path: Path) -> None:
    with service(200, json.dumps(SAID).encode()) as url:
        assert client(url, tmp_path).stats("toy") == {2: Counts(3, 1)}
        assert client(url, tmp_path).stats("other") == {}
        assert client(url, tmp_path).reload()


@pytest.mark.parametrize(("status", "body"), [(401, b"{}"), (500, b"{}"), (200, b"<html>"), (0, b"")])
def test_a_service_that_runs_and_gives_no_counts_is_not_one_that_does_not_run(
    tmp_path: Path, status: int, body: bytes
) -> None:
    with service(status, body) as url:
        with pytest.raises(TransientError, match="nobody knows how its releases do"):
            client(url, tmp_path).stats("toy")
        assert not client(url, tmp_path).reload(), "it reads its routes by itself"


def test_where_nobody_listens_there_are_no_counts(tmp_path: Path) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{one.getsockname()[1]}"
        assert client(url, tmp_path).stats("toy") == {}
        assert not client(url, tmp_path).reload()
