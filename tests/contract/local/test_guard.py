"""A session of tests that is broken off, in whatever way, leaves no PostgreSQL behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[3]
TEST = """
import tempfile, time
from pathlib import Path
from evergreen.local.postgres import EmbeddedPostgres
from guard import guarded

def test_that_takes_long():
    home = Path(tempfile.mkdtemp())
    with guarded(home):
        server = EmbeddedPostgres(home)
        server.ensure()
        (home.parent / "pid.tmp").write_text(f"{server.pid()} {home}")
        (home.parent / "pid.tmp").rename(home.parent / "pid")
        time.sleep(600)
"""


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda blow: blow.name)
def test_a_broken_off_session_leaves_no_server(tmp_path: Path, blow: signal.Signals) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "test_long.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    process = subprocess.Popen(
        [*command, f"--rootdir={tmp_path}", "-o", "pythonpath=", str(tmp_path / "test_long.py")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{ROOT / 'include'}", "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    note = tmp_path / "pid"
    deadline = time.monotonic() + 120
    while not note.exists():
        assert process.poll() is None, "the session ended before the blow"
        assert time.monotonic() < deadline, "the session's server did not start"
        time.sleep(0.05)
    pid, home = note.read_text().split()
    server = psutil.Process(int(pid))
    assert server.is_running()
    os.killpg(process.pid, blow)
    process.wait(60)
    psutil.wait_procs([server], timeout=60)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    deadline = time.monotonic() + 60
    while Path(home).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(home).exists()
