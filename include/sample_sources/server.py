"""Serving: take the port, fill the sources, answer until told to stop."""

from __future__ import annotations

import signal
import socket
import sys
import time
from datetime import datetime
from pathlib import Path
from types import FrameType

import uvicorn

from sample_sources.api import create_app
from sample_sources.errors import BadRequestError
from sample_sources.faults import Faults
from sample_sources.logs import log, start_logging
from sample_sources.sources import SampleSources
from sample_sources.times import iso


def serve(sources: SampleSources, address: tuple[str, int], api_key: str, start: datetime, faults: Faults) -> None:
    """Prepare `sources` and serve the API on `address` (host and port) until SIGTERM or Ctrl-C, which end it in order.

    Nothing answers before everything is prepared. Raises BadRequestError when the port is taken, and whatever
    `prepare` raises.
    """
    start_logging()
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _leave)
    with _bind(*address) as listener:
        began = time.monotonic()
        now = sources.prepare(start)
        app = create_app(sources, api_key, faults)
        log("prepared", now=iso(now), landing=str(sources.landing), seconds=round(time.monotonic() - began, 2))
        # From here on a request waits for its answer instead of being refused: "serving" is true when it is said.
        listener.listen()
        log("serving", address=f"http://{address[0]}:{listener.getsockname()[1]}")
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=10)
        uvicorn.Server(config).run(sockets=[listener])


def read_api_key(path: Path) -> str:
    """The API key in a file, without the white space around it. Raises BadRequestError when there is none."""
    try:
        key = path.read_text().strip()
    except OSError as error:
        raise BadRequestError(
            f"the API key file {path} can't be read ({type(error).__name__}): write a key into it"
        ) from None
    if not key:
        raise BadRequestError(f"the API key file {path} is empty: write a key into it")
    return key


def _bind(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done, without answering on it yet."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise BadRequestError(
            f"port {port} on {host} can't be used ({error.strerror}): free it or give another --port"
        ) from None
    return listener


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End at once while preparing: the next start finishes what is half done. uvicorn brings handlers of its own."""
    sys.exit(0)
