"""Which predictions are judged, and what of the past is filled in where an earlier model is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from structlog.testing import capture_logs
from tests.faults.toy import NIGHTS
from tests.rounds import ingest

from evergreen.artifacts import BentoRef, ModelVersion, Release
from evergreen.hashing import folder_sha256
from evergreen.ledger.releases import activate, add_release
from evergreen.loop.evidence import replay, scored_rows
from evergreen.loop.instance import Instance
from evergreen.predictions import COLUMNS
from evergreen.spec import UseCase
from evergreen.table import AT, KNOWN_AT, LATE, PROVISIONAL, ROW, TIME

AS_OF = datetime(2024, 1, 31, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def released(folder: Path) -> Release:
    """Release 1, whose model lies in `folder`."""
    model = ModelVersion(
        use_case="toy", version=1, run_id="r", uri=str(folder), sha256=folder_sha256(folder) if folder.exists() else "",
        dataset_version=1, candidate="x", seed=0, trained_before=None,
    )  # fmt: skip
    bento = BentoRef(use_case="toy", tag="toy:1", path=folder, sha256="1" * 64, model_version=1)
    return Release(use_case="toy", number=1, dataset_version=1, model=model, bento=bento)


def parcels() -> pl.DataFrame:
    """A row each six hours of three weeks. Every other one comes back: that is known after 50 hours, else after one."""
    at = [AS_OF - number * 6 * HOUR for number in range(84)]
    back = [number % 2 == 1 for number in range(84)]
    known = [moment + (50 if late else 1) * HOUR for moment, late in zip(at, back, strict=True)]
    return pl.DataFrame(
        {
            "order_id": [f"o{number}" for number in range(84)],
            "returned": [late if when <= AS_OF else None for late, when in zip(back, known, strict=True)],
            AT: at,
            KNOWN_AT: [when if when <= AS_OF else None for when in known],
            PROVISIONAL: [False] * 84,
            LATE: [False] * 84,
            ROW: ["h"] * 84,
        },
        schema_overrides={AT: TIME, KNOWN_AT: TIME},
    )


def predicted(instance: Instance, rows: pl.DataFrame) -> None:
    made = rows.select(
        pl.col("order_id").alias("prediction_id"),
        pl.col("order_id").alias("key"),
        pl.col(AT).alias("at"),
        pl.col(AT).alias("made_at"),
        pl.col(ROW).alias("features_hash"),
        use_case=pl.lit("toy"),
        release=pl.lit(1),
        model_version=pl.lit(1),
        kind=pl.lit("batch"),
        prediction=pl.lit("false"),
    )
    instance.predictions.write(
        made.with_columns(pl.lit(None).alias(name) for name in COLUMNS if name not in made.columns)
    )


@pytest.mark.parametrize("mature_after", [3 * DAY, 9 * DAY])
def test_only_labels_that_count_are_judged_and_a_whole_window_of_them(
    instance: Instance, mature_after: timedelta
) -> None:
    toy: UseCase = instance.use_case("toy")
    use_case = toy.model_copy(update={"target": toy.target.model_copy(update={"mature_after": mature_after})})
    table = parcels()
    predicted(instance, table)
    scored = scored_rows(instance, use_case, table, released(Path("none")), AS_OF)
    labelled = scored.filter(pl.col("target").is_not_null())
    assert labelled.height == 28, "four a day of the seven days before"
    assert labelled["at"].max() < AS_OF - mature_after
    assert labelled["target"].mean() == 0.5, "neither of the two comes early"
    assert scored["target"].null_count() == 0


@pytest.mark.parametrize("wrong", ["its files are gone", "its library is gone"])
def test_an_earlier_release_that_cannot_be_loaded_leaves_its_rows_alone_and_stops_nothing(
    instance: Instance, tmp_path: Path, wrong: str
) -> None:
    folder = tmp_path / "model"
    if wrong == "its library is gone":
        folder.mkdir()
        (folder / "schema.json").write_text("{}")
        (folder / "model.skops").write_text("no model of a library that is there")
    version = ingest(instance, "toy", "night-1", NIGHTS[0])
    release = released(folder)
    with instance.ledger() as db:
        add_release(db, "toy", release.model, release.bento)
        activate(db, "toy", 1, after=0, why="gate", run_id="a", data_time=NIGHTS[0] - 10 * DAY)
    table = instance.registry.parts(version).table().collect()
    with capture_logs() as logs:
        assert replay(instance, instance.use_case("toy"), version, table, made_at=AS_OF) == 0
    (warning,) = [entry for entry in logs if entry["log_level"] == "warning"]
    assert (warning["use_case"], warning["release"]) == ("toy", 1)
    assert "install the library" in warning["event"]
