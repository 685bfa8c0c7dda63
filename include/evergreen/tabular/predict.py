"""Predictions of a file's rows by a model in a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from evergreen.metrics.registry import metric_named
from evergreen.tabular.columns import quoted, typed_for
from evergreen.tabular.errors import UnusableRows
from evergreen.tabular.model_folder import load
from evergreen.tabular.read import read_file
from evergreen.tabular.target import as_learned
from evergreen.tabular.write import check_kind, write_file

_OWNERS = {"cost", "pinball"}
"""Metrics that mean something only with what an owner says of them."""
_AVERAGES = ("_micro", "_weighted")


@dataclass(frozen=True)
class Predicted:
    """How many rows were predicted, and where the file has the target, how well: metric to value."""

    rows: int
    metrics: dict[str, float]


def predict_file(
    model: Path, data: Path, out: Path, *, carry: Sequence[str] = (), say: Callable[[str], object]
) -> Predicted:
    """Write the model's predictions of the file's rows, in their order, to `out`; columns in `carry` go before them.

    `say` takes a line about what a person should know. Raises NoModel, UntrustedModel, UnreadableRows, UnusableRows,
    and WrongColumns where a column is missing that the model needs.
    """
    check_kind(out)
    predictor, report = load(model)
    frame = read_file(data)
    missing = [name for name in carry if name not in frame.columns]
    if missing:
        raise UnusableRows(f"--with names {quoted(missing)}; the file's columns are {quoted(frame.columns)}")
    found = typed_for(frame, predictor.schema)
    for note in found.notes:
        say(f"note: {note}")
    absent = [column.name for column in predictor.schema if column.name not in frame.columns and not column.required]
    if absent:
        say(f"note: the file has no {quoted(absent)}; as in some rows the model learned from, they count as missing")
    predictions = predictor.predict(found.rows)
    write_file(frame.select(carry).hstack(predictions) if carry else predictions, out)
    return Predicted(frame.height, _metrics(frame, predictions, predictor, report))


def _metrics(
    frame: pl.DataFrame, predictions: pl.DataFrame, predictor: Any, report: dict[str, Any]
) -> dict[str, float]:
    name = report.get("target")
    if name not in frame.columns:
        return {}
    target = as_learned(frame, str(name), predictor.task, predictor.classes)
    if target is None or target.null_count() == target.len():
        return {}
    rows = predictor.task.scored(target, predictions, predictor.positive)
    names = [name for name in predictor.task.metrics if name not in _OWNERS and not name.endswith(_AVERAGES)]
    return {name: metric_named(name).value(rows) for name in names}
