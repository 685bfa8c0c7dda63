"""Pictures for the model card, as PNG: drawn without a display and without matplotlib's global state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..metrics.scored import Scored

_GREEN, _GREY = "#2e7d32", "#9e9e9e"
_MOST_POINTS, _BINS = 3000, 10


def draw_ordering(rows: Scored, path: Path) -> None:
    """The ROC curve of a binary task."""
    order = np.argsort(-rows.shares, kind="stable")
    truth = rows.truth[order] == 1
    last = np.r_[np.diff(rows.shares[order]) != 0, True]
    hits, misses = np.cumsum(truth)[last], np.cumsum(~truth)[last]
    axes, save = _picture("ROC", "false positive rate", "true positive rate")
    axes.plot(np.r_[0, misses / max(1, misses[-1])], np.r_[0, hits / max(1, hits[-1])], color=_GREEN)
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":")
    save(path)


def calibration(rows: Scored) -> list[tuple[float, float, int]]:
    """Of bins of equally many rows by predicted probability: mean prediction, share of positives, rows."""
    order = np.argsort(rows.shares, kind="stable")
    parts = [part for part in np.array_split(order, _BINS) if len(part)]
    return [(float(rows.shares[part].mean()), float(rows.truth[part].mean()), len(part)) for part in parts]


def draw_calibration(rows: Scored, path: Path) -> None:
    """Predicted probability against what happened."""
    said, was, _ = zip(*calibration(rows), strict=True)
    axes, save = _picture("Calibration", "predicted probability", "share of positives")
    axes.plot(said, was, marker="o", color=_GREEN)
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":")
    save(path)


def draw_residuals(rows: Scored, path: Path) -> None:
    """Prediction against residual of a regression."""
    step = max(1, len(rows) // _MOST_POINTS)
    axes, save = _picture("Residuals", "prediction", "truth - prediction")
    axes.scatter(rows.shares[::step], (rows.truth - rows.shares)[::step], s=6, color=_GREEN, alpha=0.5)
    axes.axhline(0, color=_GREY, linestyle=":")
    save(path)


def draw_importance(found: list[tuple[str, float]], metric: str, path: Path, most: int = 20) -> None:
    """The most important columns as bars."""
    shown = found[:most][::-1]
    axes, save = _picture("Permutation importance", f"loss of {metric} when shuffled", "")
    axes.barh([name for name, _ in shown], [value for _, value in shown], color=_GREEN)
    save(path)


def draw_all(rows: Scored, found: list[tuple[str, float]], metric: str, into: Path) -> list[Path]:
    """Every picture that the task has; returns their paths."""
    into.mkdir(parents=True, exist_ok=True)
    made = []
    both_classes = rows.task == "binary" and 0 < float(rows.truth.mean()) < 1
    wanted: list[tuple[str, bool, Any]] = [
        ("roc.png", both_classes, draw_ordering),
        ("calibration.png", both_classes, draw_calibration),
        ("residuals.png", rows.task == "regression", draw_residuals),
    ]
    for name, applies, draw in wanted:
        if applies:
            draw(rows, into / name)
            made.append(into / name)
    if found:
        draw_importance(found, metric, into / "importance.png")
        made.append(into / "importance.png")
    return made


def _picture(title: str, x: str, y: str) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)

    def save(path: Path) -> None:
        canvas.print_figure(str(path), dpi=110, metadata={"Software": None})

    return axes, save
