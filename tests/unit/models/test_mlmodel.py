"""The folder of a model as MLflow reads it."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from evergreen.models.mlmodel import write_mlmodel


def test_it_names_the_loader_the_data_and_the_signature(tmp_path: Path) -> None:
    write_mlmodel(tmp_path, model_id="m-1", run_id="r-1", inputs=[("x", "float", True), ("at", "datetime", False)])
    said = yaml.safe_load((tmp_path / "MLmodel").read_text())
    assert said["flavors"]["python_function"]["loader_module"] == "evergreen.features.flavour"
    assert said["flavors"]["python_function"]["data"] == "predictor"
    assert json.loads(said["signature"]["inputs"]) == [
        {"name": "x", "type": "double", "required": True},
        {"name": "at", "type": "datetime", "required": False},
    ]
    assert "scikit-learn==" in (tmp_path / "requirements.txt").read_text()
