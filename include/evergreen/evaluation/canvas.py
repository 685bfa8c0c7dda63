"""A picture to draw on: without a display and without matplotlib's global state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

GREEN, GREY, ORANGE = "#2e7d32", "#9e9e9e", "#ef6c00"


def picture(title: str, x: str, y: str) -> tuple[Any, Any]:
    """Its axes, and what saves it as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)

    def save(path: Path) -> None:
        canvas.print_figure(str(path), dpi=110, metadata={"Software": None})

    return axes, save
