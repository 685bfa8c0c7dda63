"""Run by `package` in a process of its own: hand a prepared folder to BentoML and let it store model and bento.

Usage: python -P build_bento.py PLAN, with BENTOML_HOME set and the folder's `src` on the path. PLAN is a JSON file:
`{"model": tag, "bento": tag, "model_folder": …, "context": …, "labels": {…}, "packages": [name==version, …]}`.
Neither model nor bento may be in the store yet.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any


def build(plan: dict[str, Any]) -> None:
    """Store the model, then the bento."""
    import bentoml

    with bentoml.models.create(plan["model"], labels=plan["labels"]) as model:
        shutil.copytree(plan["model_folder"], model.path, dirs_exist_ok=True)
    name, _, version = plan["bento"].partition(":")
    bentoml.bentos.build(
        "service:Evergreen",
        name=name,
        version=version,
        build_ctx=plan["context"],
        models=[plan["model"]],
        labels=plan["labels"],
        description=plan["description"],
        python={"packages": plan["packages"], "lock_packages": False},
        docker={"base_image": "python:3.11-slim-bookworm", "system_packages": ["libgomp1"]},
    )


if __name__ == "__main__":
    build(json.loads(Path(sys.argv[1]).read_text()))
