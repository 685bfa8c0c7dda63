"""Whatever a file holds: it is read, a pipeline is fitted on it, and its rows are predicted with the right columns."""

from __future__ import annotations

import math
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evergreen.features.fitting import fit
from evergreen.tabular.columns import typed_for, with_formats
from evergreen.tabular.errors import UnusableRows
from evergreen.tabular.read import read_file
from evergreen.tabular.use_case import FitOptions, file_case
from evergreen.training.candidates import CANDIDATES

ROWS = 40
START = datetime(2020, 1, 1)  # noqa: DTZ001 - files rarely name a zone
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-(10**12), 10**12),
    "float": st.floats(allow_nan=True, allow_infinity=True),
    "text number": st.sampled_from(["1", "2.5", "$3,000", "n/a", "-7", "1e3", ""]),
    "bool": st.booleans(),
    "spelled bool": st.sampled_from(["yes", "No", "TRUE", "f", ""]),
    "category": st.sampled_from(["a", "b", "ü", "d e", "None"]),
    "categories": st.integers(0, 10**6).map(lambda value: f"c{value}"),
    "words": st.lists(st.sampled_from(["old", "new", "red", "blue", "ß"]), max_size=6).map(" ".join),
    "anything": st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=8),
    "time": st.integers(0, 10**8).map(lambda seconds: START + timedelta(seconds=seconds)),
    "date": st.integers(0, 3000).map(lambda days: f"{START + timedelta(days=days):%d/%m/%Y}"),
    "same": st.just("x"),
    "null": st.none(),
}
TARGETS = {
    "binary": st.sampled_from(["yes", "no"]),
    "multiclass": st.sampled_from([0, 1, 2]),
    "regression": st.floats(-1e6, 1e6),
}

REASONS = ("the same in all", "no column is left")
"""Why rows like these may be refused."""


@st.composite
def frames(draw: st.DrawFn) -> tuple[pl.DataFrame, str]:
    """Rows of a few columns of any kind, some values missing, and a target `y` of a task."""
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=5))
    columns = {}
    for place, kind in enumerate(kinds):
        values = draw(st.lists(st.one_of(VALUES[kind], st.none()), min_size=ROWS, max_size=ROWS))
        columns[f"{kind} {place}"] = pl.Series(values, strict=False)
    task = draw(st.sampled_from(sorted(TARGETS)))
    target = draw(st.lists(TARGETS[task], min_size=ROWS, max_size=ROWS))
    return pl.DataFrame({**columns, "y": pl.Series(target)}), task


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    frames(), st.sampled_from(["a.csv", "a.parquet", "a.ndjson"]), st.sampled_from(["logistic_regression", "lightgbm"])
)
def test_any_rows_are_learned_from_and_predicted(made: tuple[pl.DataFrame, str], name: str, candidate: str) -> None:
    rows, task = made
    params = {"C": 1.0} if candidate == "logistic_regression" else {"n_estimators": 3}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        _write(rows, path)
        try:
            case = file_case(read_file(path), FitOptions("y", task), name="f")
        except UnusableRows as error:
            refused = str(error)
        else:
            refused = ""
        if refused:
            assert any(reason in refused for reason in REASONS), refused
            return
        predictor = with_formats(fit(case.use_case, case.rows, CANDIDATES[candidate], params, 0), case.formats)
        _write(rows.drop("y"), path)
        said = predictor.predict(typed_for(read_file(path), predictor.schema).rows)
    assert said.height == ROWS
    classes = sorted(rows["y"].unique().to_list()) if task != "regression" else []
    expected = {"binary": ["probability"], "regression": []}.get(task, [f"probability_{label}" for label in classes])
    assert said.columns == ["prediction", *expected]
    numbers = said.select(pl.selectors.float()).rows()
    assert all(math.isfinite(value) for row in numbers for value in row)


def _write(rows: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        # a line of nothing but missing values in a file of one column is an empty line
        rows.with_columns(row=pl.int_range(rows.height)).write_csv(path)
    elif path.suffix == ".parquet":
        rows.write_parquet(path)
    else:
        rows.write_ndjson(path)
