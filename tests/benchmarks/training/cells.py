"""A cell is one data set, seed and system; its result is one file, whole or absent: a run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from . import measure, score
from .datasets import find
from .splits import split
from .systems import ROOT, Asked, budget_of, commands, notes_of

RESULT, PREDICTIONS, LOG = "result.json", "predictions.parquet", "log.txt"


@dataclass(frozen=True)
class Cell:
    """One fit and predict of one system."""

    dataset: str
    seed: int
    system: str

    def __str__(self) -> str:
        return f"{self.dataset}/{self.seed}/{self.system}"


@dataclass(frozen=True)
class Bench:
    """Where everything lies, and the budget. Results of different budgets don't mix."""

    home: Path
    seconds: float

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def envs(self) -> Path:
        return self.home / "envs"

    def folder(self, cell: Cell) -> Path:
        """The cell's own folder."""
        return self.home / "cells" / f"{self.seconds:g}s" / cell.dataset / str(cell.seed) / cell.system

    def result(self, cell: Cell) -> dict[str, Any] | None:
        """What is known of a finished cell; one that failed on a busy machine is as good as not run."""
        path = self.folder(cell) / RESULT
        found: dict[str, Any] | None = json.loads(path.read_text()) if path.exists() else None
        doubtful = found is not None and found["score"] is None and found["foreign"] > measure.BUSY
        return None if doubtful else found


def plan(datasets: Sequence[str], seeds: Sequence[int], systems: Sequence[str]) -> list[Cell]:
    """All cells, seed by seed; the systems follow one another on a split, another one first each time.

    So whatever slows the machine for a while slows all alike, and a run cut short is a whole one of fewer seeds.
    """
    cells = []
    for seed in seeds:
        for place, name in enumerate(datasets):
            first = (place + seed) % len(systems)
            cells += [Cell(name, seed, system) for system in (*systems[first:], *systems[:first])]
    return cells


def fill(bench: Bench, cell: Cell, commit: str) -> dict[str, Any]:
    """Run a cell and keep its result; a system that fails has a result too, without a score."""
    dataset, folder = find(cell.dataset), bench.folder(cell)
    shutil.rmtree(folder, ignore_errors=True)
    workplace = folder / "work"
    workplace.mkdir(parents=True)
    seconds = budget_of(cell.system, bench.seconds)
    rows = split(dataset, cell.seed, bench.data)
    asked = Asked(dataset, rows, cell.seed, seconds, workplace, folder / PREDICTIONS)
    limit = 2 * seconds + 180  # who does not keep to the budget shows it by the wall time, not by being ended
    costs: list[measure.Cost] = []
    started = time.time()
    for command in commands(cell.system, asked, bench.envs):
        costs.append(measure.run(command, env=_environment(workplace), cwd=workplace, log=folder / LOG, limit=limit))
        if costs[-1].status:
            break
    result = {
        "dataset": cell.dataset,
        "seed": cell.seed,
        "system": cell.system,
        "budget": seconds,
        "started": started,
        "commit": commit,
        "metric": dataset.metric,
        "wall": sum(cost.wall for cost in costs),
        "cpu": sum(cost.cpu for cost in costs),
        "peak": max(cost.peak for cost in costs),
        "foreign": max(cost.foreign for cost in costs),
        **_outcome(cell, asked, costs),
    }
    shutil.rmtree(workplace, ignore_errors=True)
    _write(folder / RESULT, result)
    return result


def judge(bench: Bench, cell: Cell) -> score.Judged:
    """A finished cell's predictions beside the answers."""
    dataset = find(cell.dataset)
    answers = pl.read_parquet(split(dataset, cell.seed, bench.data).answers).to_series()
    return score.judged(dataset.task, answers, pl.read_parquet(bench.folder(cell) / PREDICTIONS))


def _outcome(cell: Cell, asked: Asked, costs: Sequence[measure.Cost]) -> dict[str, Any]:
    last = costs[-1]
    if last.status:
        why = "did not end in time" if last.timed_out else f"exit status {last.status}"
        return {"score": None, "failure": f"{why}, see {LOG}"}
    answers = pl.read_parquet(asked.rows.answers).to_series()
    try:
        value = score.score(score.judged(asked.dataset.task, answers, pl.read_parquet(asked.predictions)))
        notes = notes_of(cell.system, asked, [cost.wall for cost in costs])
    except Exception as error:  # noqa: BLE001  whatever is wrong with predictions is the system's failure, not the run's
        return {"score": None, "failure": f"{type(error).__name__}: {error}"[:300]}
    digest = hashlib.sha256(asked.predictions.read_bytes()).hexdigest()
    return {"score": value, "predictions": digest, "notes": notes}


def _environment(workplace: Path) -> dict[str, str]:
    (workplace / "tmp").mkdir(exist_ok=True)
    own = {"TMPDIR": str(workplace / "tmp"), "EVERGREEN_HOME": str(workplace / "home"), "PYTHONHASHSEED": "0"}
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, **own, "PYTHONPATH": str(ROOT / "include")}


def _write(path: Path, result: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    with part.open("w") as out:
        json.dump(result, out, indent=1, default=str)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
