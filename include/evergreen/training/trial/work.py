"""What a search asks of whoever judges its configurations, and what comes back: light, so that a process which only
hands out work starts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evergreen.artifacts import JsonObject
from evergreen.spec import UseCase
from evergreen.training.candidates import Candidate

PARTS = 4
"""A fold's rows to be judged on count as so many observations when configurations are compared early."""


class Pruned(Exception):
    """The search asked no more of this configuration."""


class NotFinite(Exception):
    """The configuration's score is not a number."""


@dataclass(frozen=True)
class Work:
    """What trials of one search have in common. `keep` is the folder for out-of-fold predictions."""

    use_case: UseCase
    train: Path
    train_sha256: str
    seed: int
    n_jobs: int
    keep: Path
    candidates: Mapping[str, Candidate]


@dataclass(frozen=True)
class Judged:
    """What a trial leaves. `scores`: the metric a fold; `train_score`: on rows the last fold learned from; `refit`:
    parameters that a fit without judge rows takes instead (e.g. when to stop); `fit_seconds`: what a fit on all rows,
    features included, would take; `size`: bytes of the pickled model; `latency`: seconds for one row; `out_of_fold`:
    file of predictions in `Work.keep`, and its hash.
    """

    scores: tuple[float, ...]
    train_score: float
    refit: JsonObject
    cpu_seconds: float
    fit_seconds: float
    size: int
    latency: float
    out_of_fold: str
    sha256: str


OnFold = Callable[[int, tuple[float, ...]], bool]
"""Told a fold's number and its parts' scores; answers whether to go on."""
