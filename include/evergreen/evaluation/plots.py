"""Pictures for the model card, as PNG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from evergreen.evaluation.canvas import GREEN, GREY, picture
from evergreen.evaluation.curves import draw_confusion, draw_precision_recall, draw_threshold, draw_time
from evergreen.evaluation.parts import Part
from evergreen.metrics.probabilities import confidence
from evergreen.tasks.scored import Scored

_MOST_POINTS, _BINS = 3000, 10


@dataclass(frozen=True)
class Captions:
    """What pictures are labelled with: the metric that decides, whom the model was compared with, where it decides."""

    metric: str
    against: str
    threshold: float


def draw_ordering(rows: Scored, path: Path) -> None:
    """The ROC curve of a binary task."""
    order = np.argsort(-rows.shares, kind="stable")
    truth = rows.truth[order] == 1
    last = np.r_[np.diff(rows.shares[order]) != 0, True]
    hits, misses = np.cumsum(truth)[last], np.cumsum(~truth)[last]
    axes, save = picture("ROC", "false positive rate", "true positive rate")
    axes.plot(np.r_[0, misses / max(1, misses[-1])], np.r_[0, hits / max(1, hits[-1])], color=GREEN)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":")
    save(path)


def calibration(rows: Scored) -> list[tuple[float, float, int]]:
    """Of bins of equally many rows by predicted probability: mean prediction, share that came true, rows.

    Multiclass: of the likeliest class.
    """
    said, happened = confidence(rows)
    parts = [part for part in np.array_split(np.argsort(said, kind="stable"), _BINS) if len(part)]
    return [(float(said[part].mean()), float(happened[part].mean()), len(part)) for part in parts]


def draw_calibration(rows: Scored, path: Path) -> None:
    """Predicted probability against what happened."""
    said, was, _ = zip(*calibration(rows), strict=True)
    axes, save = picture("Calibration", "predicted probability", "share that came true")
    axes.plot(said, was, marker="o", color=GREEN)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":")
    save(path)


def draw_residuals(rows: Scored, path: Path) -> None:
    """Prediction against residual of a regression."""
    step = max(1, len(rows) // _MOST_POINTS)
    axes, save = picture("Residuals", "prediction", "truth - prediction")
    axes.scatter(rows.shares[::step], (rows.truth - rows.shares)[::step], s=6, color=GREEN, alpha=0.5)
    axes.axhline(0, color=GREY, linestyle=":")
    save(path)


def draw_importance(found: list[tuple[str, float]], metric: str, path: Path, most: int = 20) -> None:
    """The most important columns as bars."""
    shown = found[:most][::-1]
    axes, save = picture("Permutation importance", f"loss of {metric} when shuffled", "")
    axes.barh([name for name, _ in shown], [value for _, value in shown], color=GREEN)
    save(path)


def draw_all(
    rows: Scored, found: list[tuple[str, float]], parts: Sequence[Part], captions: Captions, into: Path
) -> list[Path]:
    """Every picture that the task has; returns their paths."""
    into.mkdir(parents=True, exist_ok=True)
    of_task = {
        "roc": partial(draw_ordering, rows),
        "precision_recall": partial(draw_precision_recall, rows),
        "threshold": partial(draw_threshold, rows, captions.threshold),
        "calibration": partial(draw_calibration, rows),
        "confusion": partial(draw_confusion, rows),
        "residuals": partial(draw_residuals, rows),
    }
    wanted: dict[str, Callable[[Path], None]] = {}
    if len(parts) > 1:
        wanted["time"] = partial(draw_time, parts, captions.metric, captions.against)
    wanted |= {name: of_task[name] for name in rows.task.pictures(rows)}
    if found:
        wanted["importance"] = partial(draw_importance, found, captions.metric)
    paths = {name: into / f"{name}.png" for name in wanted}
    for name, draw in wanted.items():
        draw(paths[name])
    return list(paths.values())
