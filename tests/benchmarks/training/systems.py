"""Who takes part, and the commands that make each fit and predict."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .datasets import Dataset
from .splits import Split

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CORES = 2
OURS = "evergreen"
PEERS = ("flaml", "autogluon", "optuna_lightgbm")
SYSTEMS = (OURS, *PEERS)
PRESETS: dict[str, dict[str, Any]] = {
    "autogluon": {"presets": "best_quality_v150"},
    "autogluon-medium": {"presets": "medium_quality"},
    "autogluon-good": {"presets": "good_quality", "dynamic_stacking": False},
    "autogluon-best": {"presets": "best_quality"},
    "autogluon-best-static": {"presets": "best_quality", "dynamic_stacking": False},
}
"""How AutoGluon is started; the variants are there to choose the first by, on development sets."""
LONGER = {"optuna_lightgbm": 4.0}  # times the budget that a system is given
LABEL = {OURS: "Evergreen", "flaml": "FLAML", "autogluon": "AutoGluon", "optuna_lightgbm": "Optuna + LightGBM"}
LABEL |= {name: name.replace("autogluon", "AutoGluon") for name in PRESETS if name not in LABEL}


@dataclass(frozen=True)
class Asked:
    """One fit and predict: what, on which rows, for how long, and where its files go."""

    dataset: Dataset
    rows: Split
    seed: int
    seconds: float
    """The system's own budget."""
    workplace: Path
    """Its own folder, removed afterwards."""
    predictions: Path


def budget_of(system: str, seconds: float) -> float:
    """Seconds that a system may search when the benchmark's budget is `seconds`."""
    return seconds * LONGER.get(system, 1.0)


def python_of(peer: str, envs: Path) -> Path:
    """The interpreter of a peer's own environment."""
    return envs / _kind(peer) / "bin" / "python"


def commands(system: str, asked: Asked, envs: Path) -> list[list[str]]:
    """What to run, one after the other."""
    if system == OURS:
        return _ours(asked)
    job = asked.workplace / "job.json"
    job.write_text(json.dumps({**_job(asked), "options": PRESETS.get(system, {})}))
    return [[str(python_of(system, envs)), str(HERE / "peers" / f"run_{_kind(system)}.py"), str(job)]]


def notes_of(system: str, asked: Asked, walls: Sequence[float]) -> dict[str, Any]:
    """What a system says of its run: `fit_seconds`, `predict_seconds`, its version, and for ours `overhead`."""
    if system == OURS:
        fit, predict = walls
        said = asked.workplace / "model" / "report.json"
        report = json.loads(said.read_text()) if said.exists() else {}
        return {"fit_seconds": fit, "predict_seconds": predict, "report": report}
    notes: dict[str, Any] = json.loads((asked.workplace / "notes.json").read_text())
    return notes


def _kind(system: str) -> str:
    return system.partition("-")[0]


def _ours(asked: Asked) -> list[list[str]]:
    evergreen, model = [sys.executable, "-m", "evergreen"], str(asked.workplace / "model")
    given, rows = asked.dataset, asked.rows
    fit = ["fit", "--task", given.task, "--target", given.target, "--metric", given.metric, "--data", str(rows.train)]
    search = ["--budget", f"{asked.seconds:g}s", "--workers", str(CORES), "--seed", str(asked.seed), "--out", model]
    predict = ["predict", "--model", model, "--data", str(rows.test), "--out", str(asked.predictions)]
    return [[*evergreen, *fit, *search], [*evergreen, *predict]]


def _job(asked: Asked) -> dict[str, Any]:
    given = asked.dataset
    return {
        "train": str(asked.rows.train),
        "test": str(asked.rows.test),
        "target": given.target,
        "task": given.task,
        "metric": given.metric,
        "seconds": asked.seconds,
        "seed": asked.seed,
        "cores": CORES,
        "workplace": str(asked.workplace),
        "predictions": str(asked.predictions),
        "notes": str(asked.workplace / "notes.json"),
    }
