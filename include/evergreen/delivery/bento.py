"""What lies in a packaged bento, read without BentoML: the service only needs the model's folder.

bentos/<use case>/<version>/            bento.yaml, src/ (service.py and the packages it needs), env/
models/<use case>/<version>/            model.yaml
    predictor/                          the saved predictor, byte for byte as it was registered
    example/                            rows.parquet and expected.parquet, if there were any
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from evergreen.errors import PermanentError
from evergreen.hashing import file_sha256
from evergreen.parquet import read_rows

PREDICTOR, EXAMPLE = "predictor", "example"
_ROWS, _EXPECTED = "rows.parquet", "expected.parquet"


@dataclass(frozen=True, slots=True)
class BentoFolders:
    """Where a bento, its model and the saved predictor lie, and the bento's labels."""

    bento: Path
    model: Path
    labels: dict[str, str]

    @property
    def predictor(self) -> Path:
        """The saved predictor's folder."""
        return self.model / PREDICTOR


@dataclass(frozen=True, slots=True)
class Example:
    """A few table rows and what the model predicted for them when it was packaged."""

    rows: pl.DataFrame
    expected: pl.DataFrame


def open_bento(path: Path) -> BentoFolders:
    """Find a bento's model by its `bento.yaml`. Raises PermanentError when something is missing."""
    try:
        said: dict[str, Any] = yaml.safe_load((path / "bento.yaml").read_text())
        name, version = str(said["models"][0]["tag"]).split(":")
    except (OSError, KeyError, IndexError, TypeError, ValueError, yaml.YAMLError) as error:
        raise PermanentError(
            f"there is no whole bento `{path.parent.name}:{path.name}` in the BentoML store; deploy the model again"
        ) from error
    model = path.parents[2] / "models" / name / version
    if not model.is_dir():
        raise PermanentError(f"the BentoML store lacks the model {name}:{version} of a bento; deploy the model again")
    return BentoFolders(path, model, {str(key): str(value) for key, value in said.get("labels", {}).items()})


def bento_sha256(path: Path) -> str:
    """Hex SHA-256 of a bento and its model: every file's path and bytes, but what Python compiled while it ran."""
    folders = open_bento(path)
    total = hashlib.sha256()
    for name, folder in (("bento", folders.bento), ("model", folders.model)):
        for file in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            total.update(f"{name}/{file.relative_to(folder).as_posix()}\0{file_sha256(file)}\n".encode())
    return total.hexdigest()


def write_example(folder: Path, example: Example) -> None:
    """Write an example into a new folder."""
    folder.mkdir()
    example.rows.write_parquet(folder / _ROWS)
    example.expected.write_parquet(folder / _EXPECTED)


def read_example(folder: Path) -> Example | None:
    """The example in a folder, or None when there is none."""
    if not folder.is_dir():
        return None
    return Example(read_rows(folder / _ROWS), read_rows(folder / _EXPECTED))
