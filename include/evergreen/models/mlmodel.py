"""A model's folder as MLflow describes one: the `MLmodel` file around a saved predictor.

It is written here rather than by `mlflow.pyfunc`, whose import alone takes seconds; `mlflow.pyfunc.load_model` and
MLflow's pages read it like any other. The predictor lies below it in a folder of its own, whose hash is the model's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from evergreen.features.libraries import DISTRIBUTIONS, libraries_of

PREDICTOR, TWIN = "predictor", "twin"
LOADER = "evergreen.features.flavour"
_TYPES = {"int": "long", "float": "double", "string": "string", "bool": "boolean", "datetime": "datetime"}
_NEEDS = ("scikit-learn", "skops", "numpy", "pandas", "polars")


def write_mlmodel(folder: Path, *, model_id: str, run_id: str, inputs: Sequence[tuple[str, str, bool]]) -> None:
    """Add `MLmodel`, `requirements.txt` and `python_env.yaml` beside `predictor/` in `folder`.

    `inputs`: name, type (int, float, string, bool, datetime) and whether it is required, of each input column.
    """
    more = {name for part in (PREDICTOR, TWIN) if (folder / part).is_dir() for name in libraries_of(folder / part)}
    needs = [f"{name}=={version(name)}" for name in (*_NEEDS, *(DISTRIBUTIONS[name] for name in sorted(more)))]
    (folder / "requirements.txt").write_text("\n".join(needs) + "\n", encoding="utf-8")
    python = ".".join(map(str, sys.version_info[:3]))
    environment = {"python": python, "dependencies": ["-r requirements.txt"]}
    (folder / "python_env.yaml").write_text(yaml.safe_dump(environment), encoding="utf-8")
    described: dict[str, Any] = {
        "flavors": {
            "python_function": {
                "loader_module": LOADER,
                "data": PREDICTOR,
                "python_version": python,
                "env": {"virtualenv": "python_env.yaml"},
            }
        },
        "mlflow_version": version("mlflow"),
        "model_id": model_id,
        "model_uuid": model_id,
        "run_id": run_id,
    }
    if inputs:
        columns = [{"name": name, "type": _TYPES[kind], "required": required} for name, kind, required in inputs]
        described["signature"] = {"inputs": json.dumps(columns), "outputs": None, "params": None}
    (folder / "MLmodel").write_text(yaml.safe_dump(described, sort_keys=False), encoding="utf-8")
