"""Does the packaged bento itself answer, and as the model does? Asked over HTTP, of a fresh process."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import polars as pl

from evergreen.artifacts import BentoRef
from evergreen.delivery.bento import bento_sha256
from evergreen.delivery.example import differing_rows
from evergreen.delivery.package import bento_environment
from evergreen.errors import PermanentError

_LOOPBACK = "127.0.0.1"
_GRACE_SECONDS = 5.0


class SmokeTestFailed(PermanentError):
    """The bento does not answer, or not as the model does."""


def smoke_test(bento: BentoRef, rows: pl.DataFrame, expected: pl.DataFrame, *, timeout: float = 120.0) -> None:
    """Run `bentoml serve <tag>` on a free loopback port, predict `rows` over HTTP, compare with `expected`.

    `rows` hold the model's input columns, `expected` is the predictor's own answer for them; numbers may differ by
    1e-6 of their size. `timeout` (seconds) covers the start. The process is always stopped. Raises SmokeTestFailed.
    """
    if bento_sha256(bento.path) != bento.sha256:
        raise SmokeTestFailed(f"bento {bento.tag} has changed since it was packaged; package the model again")
    key = secrets.token_urlsafe(24)
    with _serving(bento, key, timeout) as url:
        said = _post(f"{url}/predict", {"rows": _json_rows(rows)}, key, bento.tag)
    try:
        answered = pl.DataFrame(said["predictions"], schema=expected.schema)
    except (KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise SmokeTestFailed(f"bento {bento.tag} answers in another form than the model does") from error
    if wrong := differing_rows(answered, expected):
        raise SmokeTestFailed(
            f"bento {bento.tag} predicts {wrong} of {rows.height} example rows differently than the model it was made"
            " from; it was not released: look at the versions of the libraries in its labels"
        )


@contextmanager
def _serving(bento: BentoRef, key: str, timeout: float) -> Iterator[str]:
    """The address of the running bento."""
    port = _free_port()
    store = bento.path.parents[2]
    command = [sys.executable, "-m", "bentoml", "serve", bento.tag, "--host", _LOOPBACK, "--port", str(port)]
    with tempfile.TemporaryDirectory(prefix="smoke-") as work, (Path(work) / "output").open("w+b") as output:
        process = subprocess.Popen(
            command,
            cwd=work,
            env={**bento_environment(store), "EVERGREEN_API_KEY": key},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            url = f"http://{_LOOPBACK}:{port}"
            _wait(url, process, bento.tag, timeout, output)
            yield url
        finally:
            _stop(process)


def _wait(url: str, process: subprocess.Popen[bytes], tag: str, timeout: float, output: IO[bytes]) -> None:
    import httpx

    until = time.monotonic() + timeout
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/readyz", timeout=5.0, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    output.seek(0)
    lines = [line for line in output.read().decode(errors="replace").splitlines() if line.strip()]
    ended = "stopped" if process.poll() is not None else f"was not ready after {timeout:g} s"
    raise SmokeTestFailed(f"bento {tag} {ended}; its last line: {lines[-1][:300] if lines else 'none'}")


def _post(url: str, body: dict[str, Any], key: str, tag: str) -> dict[str, Any]:
    import httpx

    try:
        response = httpx.post(url, json=body, headers={"X-API-Key": key}, timeout=60.0, trust_env=False)
    except httpx.HTTPError as error:
        raise SmokeTestFailed(f"bento {tag} broke off the connection ({type(error).__name__})") from error
    if response.status_code != 200:
        raise SmokeTestFailed(f"bento {tag} answered {response.status_code} to rows of the model's own table")
    said: dict[str, Any] = response.json()
    return said


def _json_rows(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON has them: times in ISO 8601, no NaN."""
    plain = rows.with_columns(pl.col(pl.Float32, pl.Float64).fill_nan(None))
    made: list[dict[str, Any]] = json.loads(json.dumps(plain.to_dicts(), default=lambda moment: moment.isoformat()))
    return made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children, which are in a session of their own."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
