"""Drift of many columns by PSI: ours beside Evidently's on the same rows, as a ratio of wall times.

    PYTHONPATH=include .venv/bin/python tests/benchmarks/bench_drift.py [--rows 1000000] [--columns 50]

The rows are made up, so that it is known which columns have drifted: of every five one has moved by half a standard
deviation, one by a tenth, one has a share of its values missing, one is a category whose shares have moved, and one is
as it was. Each side computes on all rows; reading them is not counted, for it is the same.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from evergreen.columns import NUMBERS
from evergreen.monitoring.comparable import Comparable, comparable
from evergreen.monitoring.drift import column_drifts
from evergreen.spec.operation import Drift

THRESHOLD = 0.1


def main() -> int:
    """Print both times, their ratio, and in how many columns the verdicts agree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=50)
    asked = parser.parse_args()
    import_evidently()
    reference, current = (made(asked.rows, asked.columns, seed) for seed in (1, 2))
    spec = Drift(method="psi", threshold=THRESHOLD)
    ours, verdicts = timed(lambda: drifted_by_us(reference, current, spec))
    both = comparable(reference, current, reference.columns)
    theirs, others = timed(lambda: drifted_by_evidently(both))
    same = sum(verdicts[name] == others[name] for name in reference.columns)
    print(f"{asked.rows:,} rows × {asked.columns} columns a side, PSI, drift from {THRESHOLD} on")
    print(f"ours       {ours:8.2f} s, {sum(verdicts.values())} columns have drifted")
    print(f"Evidently  {theirs:8.2f} s, {sum(others.values())} columns have drifted")
    print(f"ratio      {theirs / ours:8.1f}; the same verdict for {same} of {asked.columns} columns")
    return 0


def made(rows: int, columns: int, seed: int) -> pl.DataFrame:
    """The reference for seed 1; for seed 2 rows of a later time, in which some columns have moved."""
    rng, later = np.random.default_rng(seed), seed == 2
    found = {}
    for place in range(columns):
        kind, values = place % 5, rng.normal(size=rows)
        if kind == 3:
            shares = [0.2, 0.3, 0.5] if later else [0.5, 0.3, 0.2]
            found[f"c{place}"] = pl.Series(rng.choice(["a", "b", "c"], rows, p=shares))
            continue
        series = pl.Series(values + later * {0: 0.5, 1: 0.1}.get(kind, 0.0))
        found[f"c{place}"] = series.set(pl.Series(rng.random(rows) < 0.1), None) if kind == 2 else series
    return pl.DataFrame(found)


def drifted_by_us(reference: pl.DataFrame, current: pl.DataFrame, spec: Drift) -> dict[str, bool]:
    """The verdict on each column."""
    found = column_drifts(comparable(reference, current, reference.columns), spec)
    return {one.column: bool(one.drifted) for one in found}


def import_evidently() -> None:
    """Before any clock runs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import evidently.presets  # noqa: F401


def drifted_by_evidently(both: Comparable) -> dict[str, bool]:
    """The same by Evidently; the conversion to pandas, which it wants, is among what it takes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from evidently import DataDefinition, Dataset, Report
        from evidently.presets import DataDriftPreset

        numbers = [name for name, kind in both.kinds.items() if kind is NUMBERS]
        definition = DataDefinition(
            numerical_columns=numbers, categorical_columns=[name for name in both.kinds if name not in numbers]
        )
        preset = DataDriftPreset(
            columns=list(both.kinds),
            per_column_method=dict.fromkeys(both.kinds, "psi"),
            per_column_threshold=dict.fromkeys(both.kinds, THRESHOLD),
            include_tests=False,
        )
        current, reference = (
            Dataset.from_pandas(side.to_pandas(), data_definition=definition) for side in (both.current, both.reference)
        )
        said: dict[str, Any] = Report([preset]).run(current, reference).dict()
    return {
        metric["config"]["column"]: float(metric["value"]) >= THRESHOLD
        for metric in said["metrics"]
        if metric["config"]["type"].endswith("ValueDrift")
    }


def timed(work: Callable[[], dict[str, bool]]) -> tuple[float, dict[str, bool]]:
    """Seconds of wall time, and what came of it."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    raise SystemExit(main())
