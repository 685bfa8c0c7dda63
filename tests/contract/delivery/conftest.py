"""A small real model (LightGBM), its folder and its reference, made once."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evergreen.artifacts import BentoRef, ModelVersion
from evergreen.delivery.package import package
from evergreen.features.fitting import fit
from evergreen.features.predictor import Predictor
from evergreen.hashing import folder_sha256
from evergreen.spec import UseCase

INCLUDE = Path(__file__).resolve().parents[3] / "include"


class Boosted:
    name = "lightgbm"
    takes_missing = True
    wants_scale = False

    def build(self, task: str, params: Mapping[str, Any], seed: int, n_jobs: int) -> Any:
        from lightgbm import LGBMClassifier

        return LGBMClassifier(n_estimators=100, random_state=seed, n_jobs=n_jobs, verbose=-1)


@dataclass(frozen=True)
class Trained:
    use_case: UseCase
    rows: pl.DataFrame
    predictor: Predictor
    folder: Path
    model: ModelVersion


def flights() -> UseCase:
    return UseCase.model_validate(
        {
            "name": "small_flights",
            "task": "binary",
            "key": ["flight_id"],
            "event_time": "scheduled_at",
            "target": {"column": "late", "positive": True},
            "sources": {"schedules": {"type": "files", "path": "x/*.csv", "key": ["flight_id"]}},
            "features": {
                "categorical": {"columns": ["carrier"]},
                "numeric": {"columns": ["distance", "temp"]},
                "calendar": {"columns": ["scheduled_at"], "parts": ["hour", "weekday"]},
            },
        }
    )


def table(count: int = 600) -> pl.DataFrame:
    chance = random.Random(5)
    start = datetime(2013, 1, 1, tzinfo=UTC)
    distance = [float(chance.randint(100, 3000)) for _ in range(count)]
    temp = [None if chance.random() < 0.1 else chance.uniform(0, 90) for _ in range(count)]
    return pl.DataFrame(
        {
            "flight_id": [f"F{number}" for number in range(count)],
            "scheduled_at": [start + timedelta(minutes=37 * number) for number in range(count)],
            "carrier": [chance.choice(["AA", "UA", "Ünïted"]) for _ in range(count)],
            "distance": distance,
            "temp": temp,
            "late": [d / 3000 + (t or 45) / 200 + chance.random() > 1.1 for d, t in zip(distance, temp, strict=True)],
        },
        schema_overrides={"scheduled_at": pl.Datetime("us", "UTC")},
    )


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    use_case, rows = flights(), table()
    predictor = fit(use_case, rows, Boosted(), {}, 0)
    folder = tmp_path_factory.mktemp("model") / "predictor"
    predictor.save(folder)
    model = ModelVersion(
        use_case=use_case.name,
        version=3,
        run_id="run",
        uri="models:/small_flights/3",
        sha256=folder_sha256(folder),
        dataset_version=1,
        candidate="lightgbm",
        seed=0,
        trained_before=None,
    )
    return Trained(use_case, rows, predictor, folder, model)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bentoml")


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library as it was when the tests began: editing it meanwhile would give bentos other tags."""
    copy = tmp_path_factory.mktemp("source")
    shutil.copytree(INCLUDE / "evergreen", copy / "evergreen", ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture(scope="session")
def bento(trained: Trained, store: Path, source: Path) -> BentoRef:
    return package(
        "small_flights", trained.folder, trained.model, store=store, source_root=source, example=trained.rows.head(20)
    )
