"""A real HTTP server on loopback that answers what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.unit.ingest.conftest import broken, new_place, place, read, use_case  # noqa: F401 — the same fixtures here

from evergreen.connections import Connection

Answer = tuple[int, dict[str, str], bytes] | None
"""Status, headers, body; None: the connection is cut without an answer."""


def page(rows: list[Any], following: str | None = None) -> Answer:
    return 200, {}, json.dumps({"data": rows, "next": following}).encode()


@dataclass
class Api:
    """`answer` gets a request's parameters; what was asked is kept."""

    port: int = 0
    answers: list[Answer] = field(default_factory=list)
    answer: Callable[[dict[str, str]], Answer] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def connect(self, name: str) -> Connection:
        return Connection(name, f"http://127.0.0.1:{self.port}/v1/", secret="the-api-secret")


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = dict(parse_qsl(urlsplit(self.path).query))
            made.asked.append(asked)
            made.headers.append(dict(self.headers))
            answer = made.answer(asked) if made.answer is not None else made.answers.pop(0)
            if answer is None:
                self.close_connection = True
                return
            status, headers, body = answer
            self.send_response_only(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
