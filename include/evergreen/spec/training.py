"""`training:` how a challenger is found."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from evergreen.spec.base import Duration, Section, format_duration, parse_duration
from evergreen.spec.costs import Costs
from evergreen.spec.extras import missing_extra

Metric = Literal[
    "roc_auc", "roc_auc_micro", "roc_auc_weighted", "pr_auc", "log_loss", "brier", "calibration_error",
    "accuracy", "precision", "precision_micro", "precision_weighted", "recall", "recall_micro", "recall_weighted",
    "f1", "f1_micro", "f1_weighted", "cost",
    "rmse", "mse", "mae", "mape", "r2", "pinball",
]  # fmt: skip
Candidate = Literal[
    "lightgbm",
    "catboost",
    "xgboost",
    "hist_gradient_boosting",
    "random_forest",
    "extra_trees",
    "mlp",
    "logistic_regression",
    "linear_svm",
    "knn",
    "decision_tree",
    "rule_list",
    "balanced_forest",
    "easy_ensemble",
    "baseline",
]
CLASSIFIERS: tuple[Candidate, ...] = ("balanced_forest", "easy_ensemble")
"""Candidates that can't do a regression."""


def _share_or_duration(value: object) -> float | timedelta:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 < value < 1:
            raise ValueError("a share of rows lies between 0 and 1")
        return float(value)
    return parse_duration(value)


TestWindow = Annotated[
    float | timedelta,
    BeforeValidator(_share_or_duration),
    PlainSerializer(lambda v: format_duration(v) if isinstance(v, timedelta) else v, when_used="json"),
]


def _bytes(value: object) -> int:
    match = re.match(r"^(\d+(?:\.\d+)?)(MB|GB)$", value) if isinstance(value, str) else None
    if match is not None:
        return int(float(match[1]) * {"MB": 1e6, "GB": 1e9}[match[2]])
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("an amount of memory is a number and a unit, e.g. 500MB or 2GB")


Bytes = Annotated[int, BeforeValidator(_bytes), Field(gt=0)]


class Split(Section):
    """How rows are kept apart. Default: by time where there is `event_time`, else by a fixed salted hash of the key."""

    by: Literal["time", "hash"] | None = None
    test: TestWindow | None = None
    """The gate window: a duration by time (default 14d), a share by hash (default 0.2)."""
    group: str | None = None
    """A column whose values stay together: in one fold, and on one side of the gate window by hash."""
    folds_by: Literal["time", "stratified", "random", "group", "hash"] | None = None
    """How folds are made of the rows to learn from. None: by group where there is one, by time where the window is,
    else stratified by class."""
    method: Literal["kfold", "holdout", "repeated", "nested"] = "kfold"
    """`holdout`: the last fold only; `repeated`: the k folds `repeats` times, dealt anew; `nested`: k folds, and the
    reported score is of a search of its own for each, which never saw the fold: k + 1 searches in all."""
    folds: int = Field(default=3, ge=2, le=20)
    repeats: int = Field(default=3, ge=2, le=20)
    gap: Duration = timedelta(0)
    """By time: rows this close before a fold's (or the gate window's) first are not learned from."""


class Search(Section):
    """How long and how wide to search."""

    trials: int = Field(default=30, ge=1)
    timeout: Duration = timedelta(minutes=5)
    workers: int = Field(default=1, ge=1, le=64)
    strategy: Literal["tpe", "random", "grid", "refit"] = "tpe"
    """Known-good configurations and the champion's come first; then Optuna's TPE, or at random. `grid`: only those of
    `grid`. `refit`: only the champion's, with the usual search where there is none."""
    grid: dict[Candidate, dict[str, tuple[bool | int | float | str | None, ...]]] = Field(default_factory=dict)
    """Candidate, parameter, values: every combination is tried; parameters not named stay as the candidate's best known
    configuration has them."""
    trial_timeout: Duration | None = None
    """After so long a trial is ended and counts as failed."""
    trial_memory: Bytes | None = None
    """A trial whose process holds more memory than this (e.g. 2GB) is ended and counts as failed."""


def _usual_candidates() -> tuple[Candidate, ...]:
    found: tuple[Candidate, ...] = (
        "lightgbm", "catboost", "mlp", "xgboost", "logistic_regression", "extra_trees", "random_forest",
    )  # fmt: skip
    return tuple(name for name in found if missing_extra(name) is None)


class Training(Section):
    """The search for a challenger."""

    metric: Metric | None = None
    costs: Costs | None = None
    """What each kind of answer costs; metric `cost` is its mean over rows."""
    quantile: float = Field(default=0.5, gt=0, lt=1)
    """Which quantile metric `pinball` judges."""
    split: Split = Split()
    candidates: tuple[Candidate, ...] = Field(default_factory=_usual_candidates, min_length=1)
    """Default: those that find a good model soon on most data; `catboost` among them where it is installed."""
    search: Search = Search()
    imbalance: Literal[
        "none", "auto", "class_weight", "cost_weight", "random_over", "random_under", "cluster_under", "smote",
        "adasyn", "tomek", "smote_tomek", "smote_enn",
    ] = "none"  # fmt: skip
    """What is done about rare classes, on the rows learned from only; `auto` compares one of each kind, and none.
    `cost_weight`: a row counts as much as mistaking it costs, by `costs`."""
    ensemble: bool = True
    """Whether a mix of trials may win, where it is better on rows that none of its members learned from. Never of rule
    lists and decision trees alone: who asks for nothing else wants a model that can be read."""
    calibrate: Literal["auto", "never"] = "auto"
    prefer: Literal["accuracy", "balanced", "small"] = "accuracy"
    """`balanced`, `small`: the least latency, or the least size, among models hardly worse than the best."""
    refit: bool = False
    seed: int = 0
    max_rows: int | None = Field(default=None, ge=100)
    """Learn from at most so many of the newest rows; None: all."""
