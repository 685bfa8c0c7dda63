"""What MLflow's client says beside what it does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_LOSES_ITS_DATABASE = """
import logging
from evergreen.cli import main
main._quiet(verbose=False)
from evergreen.models.client import connect, translated
with translated("connect"):
    connect("http://127.0.0.1:9")
try:
    raise ConnectionError("gone")
except ConnectionError:
    logging.getLogger("mlflow.store.db.utils").exception("SQLAlchemy database error.")
"""


def test_what_mlflow_logs_of_an_error_is_one_line_in_a_command() -> None:
    include = Path(__file__).resolve().parents[3] / "include"
    process = subprocess.run(
        [sys.executable, "-c", _LOSES_ITS_DATABASE],
        env={**os.environ, "PYTHONPATH": str(include)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stderr.splitlines() == ["ERROR mlflow.store.db.utils: SQLAlchemy database error."]
