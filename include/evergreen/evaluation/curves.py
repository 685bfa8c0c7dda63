"""Pictures of decisions: precision and recall, the threshold, who is taken for whom, and how it went over time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evergreen.evaluation.canvas import GREEN, GREY, ORANGE, picture
from evergreen.evaluation.parts import Part
from evergreen.tasks.scored import Scored

_MOST_CLASSES = 20


def draw_precision_recall(rows: Scored, path: Path) -> None:
    """Precision at each recall of a binary task, and the share of positives as the line of a guess."""
    order = np.argsort(-rows.shares, kind="stable")
    truth = rows.truth[order] == 1
    last = np.r_[np.diff(rows.shares[order]) != 0, True]
    hits, looked_at = np.cumsum(truth)[last], np.flatnonzero(last) + 1
    axes, save = picture("Precision and recall", "recall", "precision")
    axes.step(hits / max(1, hits[-1]), hits / looked_at, where="pre", color=GREEN)
    axes.axhline(truth.mean(), color=GREY, linestyle=":")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    save(path)


def draw_threshold(rows: Scored, threshold: float, path: Path) -> None:
    """Precision, recall and F1 at each threshold, and where the model decides."""
    steps = np.linspace(0, 1, 101)
    positive = np.sort(rows.shares[rows.truth == 1])
    said = len(rows) - np.searchsorted(np.sort(rows.shares), steps, side="left")
    right = len(positive) - np.searchsorted(positive, steps, side="left")
    recall, precision = right / max(1, len(positive)), right / np.maximum(1, said)
    axes, save = picture("What the threshold decides", "threshold", "")
    axes.plot(steps, np.where(said > 0, precision, np.nan), color=GREEN, label="precision")
    axes.plot(steps, recall, color=ORANGE, label="recall")
    axes.plot(steps, 2 * right / np.maximum(1, said + len(positive)), color=GREY, label="F1")
    axes.axvline(threshold, color="black", linestyle=":", label=f"decides at {threshold:.3g}")
    axes.legend()
    save(path)


def draw_confusion(rows: Scored, path: Path) -> None:
    """Of each class that was (a row), the share that was taken for each class; the most frequent classes only."""
    classes = np.argsort(-np.bincount(rows.truth, minlength=len(rows.labels)), kind="stable")[:_MOST_CLASSES]
    inside = np.isin(rows.truth, classes) & np.isin(rows.decided, classes)
    place = np.zeros(len(rows.labels), dtype=np.int64)
    place[classes] = np.arange(len(classes))
    counts = np.zeros((len(classes), len(classes)))
    np.add.at(counts, (place[rows.truth[inside]], place[rows.decided[inside]]), 1)
    axes, save = picture("Who is taken for whom", "said", "was")
    axes.imshow(counts / np.maximum(1, counts.sum(axis=1, keepdims=True)), cmap="Greens", vmin=0, vmax=1)
    names = [rows.labels[code][:20] for code in classes]
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    if len(names) <= 8:
        for was in range(len(names)):
            for said in range(len(names)):
                axes.text(said, was, f"{counts[was, said]:.0f}", ha="center", va="center", color="black")
    save(path)


def draw_time(parts: Sequence[Part], metric: str, against: str, path: Path) -> None:
    """Both models' metric over the window's days or weeks."""
    axes, save = picture(f"{metric} over time", "", metric)
    places = range(len(parts))
    axes.plot(places, [part.challenger for part in parts], marker="o", color=GREEN, label="this model")
    axes.plot(places, [part.champion for part in parts], marker="o", color=GREY, label=against)
    step = max(1, len(parts) // 10)
    axes.set_xticks(list(places)[::step], [part.name for part in parts][::step], rotation=45, ha="right")
    axes.legend()
    save(path)
