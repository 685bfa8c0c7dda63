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
    """How the gate window is kept apart. `time`: the latest rows. `hash`: the rows whose key's hash says so. By default
    `time` with `event_time`, else `hash`."""
    test: TestWindow | None = None
    """How long the gate window is (by time, `14d` by default), or what share of the rows it has (by hash, `0.2`)."""
    group: str | None = None
    """A column whose values stay together: in one fold, and by hash on one side of the gate window."""
    folds_by: Literal["time", "stratified", "random", "group", "hash"] | None = None
    """How folds are made of the rows to learn from. By default `group` with a group, else `time` with `by: time`, else
    `stratified`."""
    method: Literal["kfold", "holdout", "repeated", "nested"] = "kfold"
    """`holdout`: the last fold only. `repeated`: the folds are dealt anew `repeats` times. `nested`: the score comes
    from a search of its own for each fold, which never saw that fold; `folds` + 1 searches in all."""
    folds: int = Field(default=3, ge=2, le=20)
    """How many folds."""
    repeats: int = Field(default=3, ge=2, le=20)
    """How many times `repeated` deals the folds."""
    gap: Duration = timedelta(0)
    """By time: rows so close before a fold or the gate window are not learned from."""


class Search(Section):
    """How long and how wide to search."""

    trials: int = Field(default=30, ge=1)
    """How many configurations all workers together try. A grid tries every combination instead."""
    timeout: Duration = timedelta(minutes=5)
    """The other half of the budget: the search ends at whichever comes first."""
    workers: int = Field(default=1, ge=1, le=64)
    """How many tasks search side by side."""
    strategy: Literal["tpe", "random", "grid", "refit"] = "tpe"
    """`tpe`: known-good configurations and the champion's first, then Optuna's proposals. `random`: drawn at random
    after the known-good ones. `grid`: every combination of `grid`. `refit`: the champion's configuration alone, or a
    usual search where there is none."""
    grid: dict[Candidate, dict[str, tuple[bool | int | float | str | None, ...]]] = Field(default_factory=dict)
    """Candidate, parameter, values, e.g. `{lightgbm: {num_leaves: [24, 64]}}`. Other parameters stay as the candidate's
    best known configuration has them."""
    trial_timeout: Duration | None = None
    """A trial that takes longer is ended and counts as failed."""
    trial_memory: Bytes | None = None
    """A trial whose process holds more memory is ended and counts as failed."""


def _usual_candidates() -> tuple[Candidate, ...]:
    found: tuple[Candidate, ...] = (
        "lightgbm", "catboost", "mlp", "xgboost", "logistic_regression", "extra_trees", "random_forest",
    )  # fmt: skip
    return tuple(name for name in found if missing_extra(name) is None)


class Training(Section):
    """The search for a challenger."""

    metric: Metric | None = None
    """What search and gate go by. By default `roc_auc` (binary), `log_loss` (multiclass) or `rmse` (regression)."""
    costs: Costs | None = None
    """What each kind of answer costs. Metric `cost` is the mean over rows, and `costs` decide the threshold."""
    quantile: float = Field(default=0.5, gt=0, lt=1)
    """The quantile that metric `pinball` judges, and that the boosters then learn."""
    split: Split = Split()
    candidates: tuple[Candidate, ...] = Field(default_factory=_usual_candidates, min_length=1)
    """What is tried. By default `lightgbm`, `mlp`, `xgboost`, `logistic_regression`, `extra_trees` and `random_forest`,
    and `catboost` where it is installed."""
    search: Search = Search()
    imbalance: Literal[
        "none", "auto", "class_weight", "cost_weight", "random_over", "random_under", "cluster_under", "smote",
        "adasyn", "tomek", "smote_tomek", "smote_enn",
    ] = "none"  # fmt: skip
    """What is done about rare classes, on the rows learned from only. `auto` compares one of each kind, and none.
    `cost_weight`: a row counts as much as mistaking it costs."""
    ensemble: bool = True
    """Whether a mix of trials may win, where it is better on rows that none of its members learned from. Rule lists and
    decision trees alone are never mixed, since a mix can't be read."""
    calibrate: Literal["auto", "never"] = "auto"
    """`auto`: probabilities get a calibration curve where it surely helps."""
    prefer: Literal["accuracy", "balanced", "small"] = "accuracy"
    """`balanced`: the quickest of the models that are hardly worse than the best. `small`: the smallest of them."""
    refit: bool = False
    """By time: what ships has learned from the gate window too. Its twin, which has not, is what the gate judges."""
    seed: int = 0
    """The seed of everything that is drawn."""
    max_rows: int | None = Field(default=None, ge=100)
    """Learn from at most so many of the newest rows. Without time the newest are those whose label became known
    last."""
