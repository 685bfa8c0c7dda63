"""Which libraries a saved model needs besides scikit-learn: whoever serves it has to have them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from evergreen.features.predictor import MODEL

DISTRIBUTIONS = {
    "catboost": "catboost",
    "imblearn": "imbalanced-learn",
    "lightgbm": "lightgbm",
    "xgboost": "xgboost",
}
"""The name each is imported by, and the name it is installed by."""


def libraries_of(folder: Path) -> tuple[str, ...]:
    """Import names of the libraries in the model that `Predictor.save` wrote into `folder`; nothing of it is run."""
    with zipfile.ZipFile(folder / MODEL) as archive:
        written = json.loads(archive.read("schema.json"))
    found: set[str] = set()
    waiting: list[Any] = [written]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            found.add(str(node.get("__module__", "")).partition(".")[0])
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return tuple(sorted(found & set(DISTRIBUTIONS)))
