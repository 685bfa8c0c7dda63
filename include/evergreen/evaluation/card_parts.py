"""The model card's words on parts of the window, and on what the model makes of rows it has not seen."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from evergreen.artifacts import Snapshot
from evergreen.evaluation.fitness import Fitness
from evergreen.evaluation.parts import Part, by_slice, rows_of, sliced_by
from evergreen.evaluation.window import Window
from evergreen.features.predictor import Predictor
from evergreen.parquet import read_checked
from evergreen.spec import UseCase
from evergreen.tasks.scored import Scored

_MOST_ROWS = 20_000


def parts_tables(window: Window, parts: Sequence[Part], against: str) -> str:
    """Tables by day or week and by each column of `promotion.slices`."""
    tables = [("day or week", list(parts)), *((column, by_slice(window, column)) for column in sliced_by(window))]
    name = window.metric.name
    said = []
    for title, found in tables:
        if found:
            lines = [f"### {name} by {title}\n\n| {title} | rows | this model | {against} |", "|---|---|---|---|"]
            for part in found:
                cells = (part.name.replace("|", "/"), part.rows, _number(part.challenger), _number(part.champion))
                lines.append(f"| {' | '.join(map(str, cells))} |")
            said.append("\n".join(lines))
    return "\n\n".join(said)


def learned_from(use_case: UseCase, challenger: Predictor, snapshot: Snapshot, seed: int) -> Scored | None:
    """The challenger on (at most 20,000 of) the rows it learned from; None without a target in them.

    Raises FileChanged where the file is not the snapshot's.
    """
    rows = rows_of(read_checked(snapshot.train, snapshot.train_sha256), _MOST_ROWS, seed)
    rows = rows.filter(pl.col(use_case.target.column).is_not_null())
    if rows.is_empty():
        return None
    return use_case.task.scored(rows[use_case.target.column], challenger.predict(rows), challenger.positive)


def fitness_text(found: Fitness | None, use_case: UseCase) -> str:
    """A sentence on over- and under-fitting."""
    if found is None:
        return ""
    return (
        f"### Rows it learned from, and new ones\n\n{use_case.metric} is {found.trained:.5g} on rows it learned from, "
        f"{found.window:.5g} on the window: **{found.word}**; {found.text}."
    )


def _number(value: float) -> str:
    return f"{value:.5g}" if value == value else "not defined"  # noqa: PLR0124 - NaN
