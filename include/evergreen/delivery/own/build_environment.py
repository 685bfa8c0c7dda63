"""Run by `environment` in a process of its own: install a bento's locked libraries into a folder, whole or not at all.

Usage: python -P build_environment.py LOCK PYTHON FOLDER. Both the environment and what is left of builds that were
stopped lie beside FOLDER. It and uv end at once when standard input closes, so that they can't outlive the service.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path


def build(lock: Path, python: str, folder: Path) -> int:
    """The exit status of uv. `--no-deps`: the lock names every library already (docs/decisions/0001 and 0004)."""
    uv = [sys.executable, "-m", "uv", "--quiet", "--no-progress"]
    with (folder.parent / f".{folder.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if folder.exists():
            return 0
        for left in folder.parent.glob(f".{folder.name}-*"):
            shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent)) / "environment"
        try:
            install = ["pip", "install", "--python", str(work / "bin" / "python"), "--no-deps", "--require-hashes"]
            for command in (
                ["venv", "--no-project", "--python", python, str(work)],
                [*install, "--compile-bytecode", "--only-binary", ":all:", "--requirements", str(lock)],
            ):
                done = subprocess.run([*uv, *command], stdin=subprocess.DEVNULL, check=False)
                if done.returncode:
                    return done.returncode
            work.rename(folder)
        finally:
            shutil.rmtree(work.parent, ignore_errors=True)
    return 0


def _end_with_input() -> None:
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    sys.exit(build(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
