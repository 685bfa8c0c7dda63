"""A use case, a model and a bento folder small enough to read, with no library behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import yaml

from evergreen.artifacts import BentoRef, ModelVersion, Release
from evergreen.delivery.bento import EXAMPLE, PREDICTOR, Example, bento_sha256, write_example
from evergreen.delivery.service.routes import Routes
from evergreen.hashing import folder_sha256
from evergreen.spec import UseCase

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DATA_TIME = datetime(2013, 3, 1, 2, tzinfo=UTC)
BASE = {"id": "Int64", "at": "Datetime(time_unit='us', time_zone='UTC')", "carrier": "String", "distance": "Float64"}
ROW = {"id": 1, "carrier": "AA", "distance": 100.0}


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    nullable: bool = False


@dataclass(frozen=True)
class Threshold:
    """Predicts whether `distance` lies above a limit; `carrier` BOOM makes it fail."""

    limit: float
    schema: tuple[Column, ...] = (Column("carrier", "string", True), Column("distance", "float"))

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        if "BOOM" in frame["carrier"].to_list():
            raise RuntimeError("model fails")
        probability = (frame["distance"] / (2 * self.limit)).clip(0, 1)
        return pl.DataFrame({"prediction": probability > 0.5, "probability": probability})

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "model.json").write_text(json.dumps({"limit": self.limit}))


def load(folder: Path) -> Threshold:
    return Threshold(json.loads((folder / "model.json").read_text())["limit"])


def use_case(**changes: object) -> UseCase:
    return UseCase.model_validate(
        {
            "name": "trips",
            "task": "binary",
            "key": ["id"],
            "target": {"column": "late"},
            "sources": {"trips": {"type": "files", "path": "x/*.csv", "key": ["id"]}},
            **changes,
        }
    )


def model_version(folder: Path, number: int, name: str = "trips") -> ModelVersion:
    return ModelVersion(
        use_case=name,
        version=number,
        run_id="run",
        uri="models:/trips/1",
        sha256=folder_sha256(folder),
        dataset_version=1,
        candidate="logistic_regression",
        seed=0,
        trained_before=None,
    )


def release(store: Path, number: int, limit: float, *, name: str = "trips", example: Example | None = None) -> Release:
    """A release whose bento lies in `store` as BentoML lays it out."""
    version = f"v{number}"
    bento, model = store / "bentos" / name / version, store / "models" / name / version
    bento.mkdir(parents=True)
    model.mkdir(parents=True)
    Threshold(limit).save(model / PREDICTOR)
    if example is not None:
        write_example(model / EXAMPLE, example)
    (bento / "bento.yaml").write_text(yaml.safe_dump({"labels": {}, "models": [{"tag": f"{name}:{version}"}]}))
    ref = BentoRef(use_case=name, tag=f"{name}:{version}", path=bento, sha256=bento_sha256(bento), model_version=number)
    return Release(
        use_case=name, number=number, dataset_version=1, model=model_version(model / PREDICTOR, number), bento=ref
    )


def routes(*releases: tuple[Release, int], case: UseCase | None = None, base: Mapping[str, str] = BASE) -> Routes:
    return Routes(case or use_case(), releases, base, 7, DATA_TIME)


class Source:
    """Routes that a test changes."""

    def __init__(self, **by_name: Routes) -> None:
        self.now: dict[str, Routes] = dict(by_name)
        self.error: Exception | None = None

    def routes(self) -> Mapping[str, Routes]:
        if self.error is not None:
            raise self.error
        return dict(self.now)
