"""Evidently's verdicts are ours: the same numbers on the same real rows, whatever the method."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from evergreen.monitoring import measure
from evergreen.monitoring.comparable import comparable
from evergreen.monitoring.drift import column_drifts
from evergreen.monitoring.evidently import SAMPLE, write_report
from evergreen.spec import UseCase
from evergreen.spec.operation import Drift

FEATURES = ("carrier", "origin", "dest", "distance", "dep_delay", "air_time", "hour", "month")


@pytest.mark.parametrize("method", ["psi", "jensenshannon", "wasserstein"])
@pytest.mark.parametrize("month", [2, 7])
def test_scores_equal_evidentlys_on_real_months(
    months: dict[int, pl.DataFrame], tmp_path: Path, method: str, month: int
) -> None:
    reference, current = months[1].sample(SAMPLE, seed=1), months[month].sample(5_000, seed=1)
    both = comparable(reference, current, FEATURES)
    spec = Drift(method=method, threshold=0.1)

    ours = column_drifts(both, spec)
    theirs = write_report(both, spec, tmp_path / "report.html")

    assert {column.column: column.value for column in ours} == pytest.approx(theirs, rel=1e-9, abs=1e-12)
    assert {c.column for c in ours if c.drifted} == {name for name, value in theirs.items() if value >= 0.1}
    assert any(c.drifted for c in ours)
    assert any(c.drifted is False for c in ours)


def test_the_verdict_on_all_rows_is_evidentlys_on_its_sample(months: dict[int, pl.DataFrame], tmp_path: Path) -> None:
    both = comparable(months[1], months[7], FEATURES)
    assert both.current.height > SAMPLE
    spec = Drift(threshold=0.12)  # no score lies near it: bins depend on the number of rows, so scores differ a little

    ours = {column.column: column.drifted for column in column_drifts(both, spec)}
    theirs = write_report(both, spec, tmp_path / "report.html")

    assert ours == {name: value >= 0.12 for name, value in theirs.items()}


def test_the_report_is_one_file_that_needs_no_network(months: dict[int, pl.DataFrame], tmp_path: Path) -> None:
    gone = months[2].head(500).with_columns(dest=pl.lit(None, dtype=pl.String), origin=pl.lit("JFK"))
    both = comparable(months[1].head(2_000), gone, ["dest", "origin", "distance"])

    report = tmp_path / "new" / "report.html"
    theirs = write_report(both, Drift(), report)

    assert set(theirs) == {"origin", "distance"}
    html = report.read_text(encoding="utf-8")
    assert "distance" in html
    assert not any(f'{attribute}="http' in html for attribute in ("script src", "link href", "img src"))
    assert [path.name for path in report.parent.iterdir()] == ["report.html"]


def test_nothing_is_drawn_where_no_column_has_values(tmp_path: Path) -> None:
    empty = pl.DataFrame({"x": [None] * 200}, schema={"x": pl.Float64})
    both = comparable(empty, empty, ["x"])
    assert write_report(both, Drift(), tmp_path / "report.html") == {}
    assert not (tmp_path / "report.html").exists()


def test_a_measurement_has_evidentlys_values_beside_ours(
    flights: UseCase, months: dict[int, pl.DataFrame], tmp_path: Path
) -> None:
    nothing = pl.DataFrame(
        schema={
            "key": pl.String,
            "at": pl.Datetime("us", "UTC"),
            "target": pl.Boolean,
            "kind": pl.String,
            "_row": pl.String,
            "features_hash": pl.String,
        }
    )
    report = tmp_path / "report.html"
    found = measure(
        flights,
        reference=months[1].sample(SAMPLE, seed=1),
        current=months[7].sample(5_000, seed=1),
        scored=nothing,
        reference_metric=None,
        as_of=datetime(2013, 8, 1, tzinfo=UTC),
        features=FEATURES,
        report=report,
    )
    assert found.report == report
    assert report.stat().st_size > 100_000
    assert [column.evidently for column in found.columns] == pytest.approx([column.value for column in found.columns])
    assert found.drift_violation is True
