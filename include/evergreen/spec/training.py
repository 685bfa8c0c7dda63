"""`training:` and `promotion:` how a challenger is found, and what it has to prove."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from .base import Duration, Gain, Section, Share, format_duration, parse_duration
from .costs import Costs

Metric = Literal[
    "roc_auc", "roc_auc_micro", "roc_auc_weighted", "pr_auc", "log_loss", "brier", "calibration_error",
    "accuracy", "precision", "precision_micro", "precision_weighted", "recall", "recall_micro", "recall_weighted",
    "f1", "f1_micro", "f1_weighted", "cost",
    "rmse", "mse", "mae", "mape", "r2", "pinball",
]  # fmt: skip
Candidate = Literal["logistic_regression", "random_forest", "lightgbm", "xgboost"]
Task = Literal["binary", "multiclass", "regression"]

METRICS: dict[str, tuple[Metric, ...]] = {
    "binary": (
        "roc_auc", "pr_auc", "log_loss", "brier", "calibration_error", "accuracy", "precision", "recall", "f1", "cost",
    ),
    "multiclass": (
        "log_loss", "brier", "calibration_error", "accuracy", "precision", "precision_micro", "precision_weighted",
        "recall", "recall_micro", "recall_weighted", "f1", "f1_micro", "f1_weighted", "roc_auc", "roc_auc_micro",
        "roc_auc_weighted", "pr_auc", "cost",
    ),
    "regression": ("rmse", "mse", "mae", "mape", "r2", "pinball"),
}  # fmt: skip
"""The metrics each task allows; the first is the default. Without an ending a multiclass metric is the mean over
classes (macro); `_micro` counts all rows alike, `_weighted` weighs the classes by their rows."""

DEFAULT_METRIC: dict[str, Metric] = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


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


class Split(Section):
    """How rows are kept apart. Default: by time where there is `event_time`, else by a fixed salted hash of the key."""

    by: Literal["time", "hash"] | None = None
    test: TestWindow | None = None
    """The gate window: a duration by time (default 14d), a share by hash (default 0.2)."""
    folds: int = Field(default=3, ge=2, le=20)


class Search(Section):
    """How long and how wide to search."""

    trials: int = Field(default=30, ge=1)
    timeout: Duration = timedelta(minutes=5)
    workers: int = Field(default=1, ge=1, le=64)


class Training(Section):
    """The search for a challenger."""

    metric: Metric | None = None
    costs: Costs | None = None
    """What each kind of answer costs; metric `cost` is its mean over rows."""
    quantile: float = Field(default=0.5, gt=0, lt=1)
    """Which quantile metric `pinball` judges."""
    split: Split = Split()
    candidates: tuple[Candidate, ...] = Field(
        default=("logistic_regression", "random_forest", "lightgbm", "xgboost"), min_length=1
    )
    search: Search = Search()
    refit: bool = False
    seed: int = 0
    max_rows: int | None = Field(default=None, ge=100)
    """Learn from at most so many of the newest rows; None: all."""


class Fairness(Section):
    """No group's rate of positive predictions below `min_ratio` of the highest group's (the four-fifths rule)."""

    column: str
    min_ratio: Share = 0.8


class Promotion(Section):
    """What a challenger has to prove to ship."""

    min_gain: Gain = Gain(absolute=0.0)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    block: str = "auto"
    """Rows that err together: `day`, `row`, or a column; `auto`: day where there is time, else row."""
    slices: tuple[str, ...] = ()
    fairness: Fairness | None = None
    max_latency: Duration | None = None
    min_rows: int = Field(default=200, ge=1)
    approve: Literal["never", "always"] = "never"
