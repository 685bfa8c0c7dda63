"""Environments with the libraries of bentos that were packaged under others than the service's, one a lock."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from evergreen.delivery.own.lock import lock_python, unhashed
from evergreen.delivery.package import bento_environment
from evergreen.errors import PermanentError, TransientError, bounded

_SCRIPT = Path(__file__).with_name("build_environment.py")
_KEPT = re.compile(r"UV_.*|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)", re.IGNORECASE)
_LOGIN = re.compile(r"//[^/@\s]+@")
_STOP_SECONDS = 5.0


class EnvironmentInTheMaking(TransientError):
    """Nothing is wrong: libraries are being installed, and the release is loaded when they are there."""


@dataclass(frozen=True, slots=True)
class _Build:
    process: subprocess.Popen[bytes]
    output: IO[bytes]


class Environments:
    """Makes each environment once, in the background, under `folder`. Used from one thread.

    They are no state: whatever is deleted there while no service runs is made again when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._builds: dict[str, _Build] = {}

    def python(self, called: str, lock: Path, sha256: str) -> Path:
        """The interpreter of a lock's environment. `called` names whose it is; the caller has checked the lock's hash.

        Raises EnvironmentInTheMaking until it is there, and PermanentError when it can't be made (asking once more
        tries once more).
        """
        folder = self._folder / sha256
        if sha256 not in self._builds and not folder.exists():
            self._start(called, lock, folder)
        build = self._builds.get(sha256)
        if build is not None:
            if build.process.poll() is None:
                raise EnvironmentInTheMaking(
                    f"{called} needs other libraries than this service has; they are being installed, and it is loaded"
                    " when they are there"
                )
            self._close(self._builds.pop(sha256), called)
        return folder / "bin" / "python"

    def stop(self) -> None:
        """End what is being made; nothing of it is left but a hidden folder, which the next build removes."""
        for build in self._builds.values():
            _end(build)
        self._builds.clear()

    def _start(self, called: str, lock: Path, folder: Path) -> None:
        text = lock.read_text()
        if without := unhashed(text):
            raise PermanentError(
                f"{called} was packaged with libraries that requirements.txt did not lock ({bounded(without)}), so its"
                " environment can't be made again; install these versions for the service, or package the model again"
            )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        minor = f"{sys.version_info.major}.{sys.version_info.minor}"
        python = sys.executable if lock_python(text) == minor else lock_python(text)
        output = (self._folder / f".{folder.name}.log").open("w+b")
        process = subprocess.Popen(
            [sys.executable, "-P", str(_SCRIPT), str(lock), python, str(folder)],
            cwd=self._folder,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
        )
        self._builds[folder.name] = _Build(process, output)

    def _close(self, build: _Build, called: str) -> None:
        """Take note of a build that has ended."""
        build.output.seek(0)
        said = [line.strip() for line in build.output.read().decode(errors="replace").splitlines() if line.strip()]
        status = build.process.returncode
        _end(build)
        if status:
            raise PermanentError(
                f"the libraries of {called} could not be installed: {_LOGIN.sub('//', ' '.join(said))[:400] or status};"
                " uv takes them from its cache or the package index, so make that reachable (UV_DEFAULT_INDEX,"
                " UV_FIND_LINKS) and POST /-/reload, or release a model that was packaged with today's libraries"
            )


def _environment() -> Mapping[str, str]:
    """As for a bento's process, and what tells uv where packages come from."""
    index = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    return {**bento_environment(Path()), "UV_PYTHON_DOWNLOADS": "never", **index}


def _end(build: _Build) -> None:
    if build.process.stdin is not None:
        with suppress(OSError):
            build.process.stdin.close()
    try:
        build.process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        build.process.kill()
        build.process.wait()
    build.output.close()
