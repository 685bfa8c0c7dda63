"""Another version of the library: a copy whose binary models halve their probabilities, and a bento made by it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.contract.delivery.conftest import Trained

from evergreen.artifacts import BentoRef


def halving_copy(source: Path, target: Path) -> Path:
    """A copy of the library in `source` that can be told from it by what it predicts."""
    shutil.copytree(source / "evergreen", target / "evergreen", ignore=shutil.ignore_patterns("__pycache__"))
    file = target / "evergreen" / "tasks" / "binary.py"
    before = file.read_text()
    file.write_text(before.replace(")[:, 1]", ")[:, 1] * 0.5"))
    assert file.read_text() != before
    return target


def packaged_by(code: Path, trained: Trained, store: Path, work: Path) -> BentoRef:
    """The model packaged by the library in `code`, in a process that runs that."""
    example = work / "example.parquet"
    trained.rows.head(5).write_parquet(example)
    plan = {
        "folder": str(trained.folder),
        "model": trained.model.model_dump(mode="json"),
        "store": str(store),
        "example": str(example),
    }
    script = Path(__file__).with_name("pack.py")
    done = subprocess.run(
        [sys.executable, str(script), json.dumps(plan)],
        env={**os.environ, "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return BentoRef.model_validate_json(done.stdout)
