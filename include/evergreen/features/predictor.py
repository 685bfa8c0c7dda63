"""A fitted model: what goes through training, MLflow, the bento and batch scoring, all of a piece."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from evergreen.features.errors import UntrustedModel
from evergreen.features.frames import to_pandas
from evergreen.features.schema import Column
from evergreen.tasks import Task, task_named
from evergreen.tasks.base import Matrix
from evergreen.tasks.labels import Label

MODEL, SCHEMA = "model.skops", "schema.json"
FORMAT = 3

TRUSTED = (
    "sklearn.",
    "lightgbm.",
    "xgboost.",
    "catboost.",
    "imblearn.",
    "numpy.",
    "scipy.",
    "collections.",
    "evergreen.features.",
)
"""A saved model may hold types of these modules only."""


@dataclass(frozen=True)
class Predictor:
    """A fitted pipeline with what it takes and what it says.

    `schema`: input columns in the pipeline's order; `texts`: those taken as categories; `classes`: labels in the order
    of the pipeline's codes (binary: negative, positive; regression: none). `threshold`: from which probability on the
    positive class is said; `costs`: of many classes, by which the cheapest is said instead of the likeliest.
    """

    pipeline: Any
    task: Task
    schema: tuple[Column, ...]
    texts: frozenset[str]
    classes: tuple[Label, ...]
    threshold: float = 0.5
    costs: Matrix | None = None

    @property
    def positive(self) -> Label | None:
        """The class that `probability` speaks of; None but for a binary task."""
        return self.task.positive_of(self.classes)

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        """One row per row of `frame`: `prediction`, and the other columns of its task.

        Columns beyond the schema are ignored; the row's values never change the model. Raises WrongColumns where a
        required column is missing or has another type.

        >>> model.predict(pl.DataFrame({"size": [10.0, 30.0]})).to_dict(as_series=False)
        {'prediction': [20.0, 20.0]}
        """
        if frame.height == 0:
            return self.task.no_predictions(self.classes)
        from sklearn import config_context

        rows = to_pandas(frame, self.schema, self.texts)
        with config_context(assume_finite=True, skip_parameter_validation=True):  # `to_pandas` has seen to it
            said = self.task.ask(self.pipeline, rows)
        return self.task.predictions(said, self.classes, self.threshold, self.costs)

    def check(self, frame: pl.DataFrame) -> None:
        """Raises WrongColumns where `predict` would."""
        to_pandas(frame, self.schema, self.texts)

    def save(self, folder: Path) -> None:
        """Write `model.skops` and `schema.json` into `folder`, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        with _skops() as io:
            io.dump(self.pipeline, folder / MODEL)
        said = {
            "format": FORMAT,
            "task": self.task.name,
            "classes": list(self.classes),
            "threshold": self.threshold,
            "costs": self.costs,
            "texts": sorted(self.texts),
            "columns": [column.to_json() for column in self.schema],
        }
        (folder / SCHEMA).write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Predictor:
        """Read what `save` wrote. Raises UntrustedModel where it holds foreign types; check its hash before.

        >>> model.save(folder)
        >>> Predictor.load(folder).task.name
        'regression'
        """
        said = json.loads((folder / SCHEMA).read_text(encoding="utf-8"))
        with _skops() as io:
            types = io.get_untrusted_types(file=folder / MODEL)
        foreign = [name for name in types if not name.startswith(TRUSTED)]
        if foreign:
            raise UntrustedModel(
                f"the model in {folder.name} holds {len(foreign)} type(s) that no model of ours has, e.g. "
                f"`{foreign[0][:80]}`; it was not loaded. Release an earlier model, or train again."
            )
        with _skops() as io:
            pipeline = io.load(folder / MODEL, trusted=types)
        return cls(
            pipeline=pipeline,
            task=task_named(said["task"]),
            schema=tuple(Column(**column) for column in said["columns"]),
            texts=frozenset(said["texts"]),
            classes=tuple(said["classes"]),
            threshold=float(said.get("threshold", 0.5)),  # format 1 had none
            costs=tuple(map(tuple, said["costs"])) if said.get("costs") else None,  # nor had format 2
        )


def ready_to_save() -> None:
    """Import what saving takes: a second, for whoever has time for it now and not then."""
    with _skops():
        pass


@contextmanager
def _skops() -> Iterator[Any]:
    """skops, quietly: it asks every module that is loaded for names, and some answer with a deprecation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skops import io

        yield io


def columns_of(schema: Sequence[Column]) -> tuple[str, ...]:
    """Names of the input columns."""
    return tuple(column.name for column in schema)
