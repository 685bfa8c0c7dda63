"""Evidently's own verdict and HTML report on a bounded sample. The one module that imports Evidently.

Evidently takes minutes on large data (and its API moves), so `drift` computes the same scores on all rows and this
draws the picture. Where the rows fit the sample the two values of a column are equal; else they differ a little, since
the number of bins follows the number of rows.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from evergreen.columns import CATEGORIES, NUMBERS
from evergreen.monitoring.comparable import Comparable
from evergreen.spec.operation import Drift

if TYPE_CHECKING:
    from pandas import DataFrame

SAMPLE = 20_000
"""At most so many rows of each side go into the report."""


def write_report(both: Comparable, spec: Drift, report: Path, seed: int = 0) -> dict[str, float]:
    """Write Evidently's drift report to `report`, one HTML file that needs no network, and return its scores.

    Columns without a value on one side are left out, since Evidently refuses them; with none left nothing is written.
    The sample is a function of the rows and `seed`. Takes 10 to 20 seconds in a fresh process, most of them Evidently's
    import.
    """
    names = [
        name
        for name in both.kinds
        if both.reference[name].null_count() < both.reference.height
        and both.current[name].null_count() < both.current.height
    ]
    if not names:
        return {}
    with warnings.catch_warnings():
        # Evidently and what it imports warn of their own deprecations; none of it is about our rows
        warnings.simplefilter("ignore")
        snapshot = _run(both, names, spec, seed)
        report.parent.mkdir(parents=True, exist_ok=True)
        unfinished = report.with_name(f".{report.name}")
        snapshot.save_html(str(unfinished))
        unfinished.replace(report)
    return {
        metric["config"]["column"]: float(metric["value"])
        for metric in snapshot.dict()["metrics"]
        if metric["config"]["type"].endswith("ValueDrift")
    }


def _run(both: Comparable, names: list[str], spec: Drift, seed: int) -> Any:
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    definition = DataDefinition(
        numerical_columns=[name for name in names if both.kinds[name] is NUMBERS],
        categorical_columns=[name for name in names if both.kinds[name] is CATEGORIES],
    )
    preset = DataDriftPreset(
        columns=names,
        per_column_method={name: both.kinds[name].method(spec.method) for name in names},
        per_column_threshold=dict.fromkeys(names, spec.threshold),
        include_tests=False,
    )
    current, reference = (
        Dataset.from_pandas(_sample(side, names, seed), data_definition=definition)
        for side in (both.current, both.reference)
    )
    return Report([preset]).run(current, reference)


def _sample(frame: pl.DataFrame, names: list[str], seed: int) -> DataFrame:
    rows = frame.select(names)
    return (rows.sample(SAMPLE, seed=seed) if rows.height > SAMPLE else rows).to_pandas()
