"""What monitoring looks at in a use case without time, over real versions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.rounds import ingest

from evergreen.artifacts import BentoRef, ModelVersion, Release
from evergreen.connections import Connection
from evergreen.loop.evidence import current_rows
from evergreen.loop.instance import Instance
from evergreen.settings import Settings

FIRST = datetime(2013, 3, 1, 2, tzinfo=UTC)
YAML = """\
name: people
task: binary
key: [id]
target: {column: left, positive: "Yes"}
sources:
  rows: {type: files, path: "{landing}/*.csv", key: [id]}
monitoring: {window: 7d}
"""


def opened(tmp_path: Path, database_url: str) -> Instance:
    (tmp_path / "use_cases" / "people").mkdir(parents=True)
    (tmp_path / "use_cases" / "people" / "use_case.yaml").write_text(YAML)
    return Instance(
        settings=Settings(home=tmp_path, use_cases=tmp_path / "use_cases"),
        database_url=database_url,
        mlflow_uri=database_url,
        optuna_url=database_url,
        connect=lambda name: Connection(name, ""),
        pseudonym_key=b"a key of the instance",
    )


def night(instance: Instance, day: int, text: str) -> None:
    landing = instance.settings.landing
    landing.mkdir(parents=True, exist_ok=True)
    (landing / f"{day:02}.csv").write_text(f"id,left,pay\n{text}")
    ingest(instance, "people", f"night-{day}", FIRST + timedelta(days=day))


def test_without_time_the_current_rows_are_those_of_the_windows_nights_since_training(
    tmp_path: Path, database_url: str
) -> None:
    instance = opened(tmp_path, database_url)
    night(instance, 0, "a,Yes,1\nb,No,2\nc,No,3\n")
    night(instance, 1, "d,No,4\n")
    night(instance, 2, "e,Yes,5\nb,No,9\n")
    assert seen(instance, trained_on=1, now=2) == ["b", "d", "e"], "new and changed, of more than the newest night"
    assert seen(instance, trained_on=2, now=2) == ["b", "e"], "nothing that the model has learned from"
    night(instance, 8, "f,No,6\n")
    assert seen(instance, trained_on=1, now=8) == ["b", "e", "f"], "nothing from before the window"
    night(instance, 9, "f,No,6\n")
    assert seen(instance, trained_on=4, now=9) == [], "a night that brought nothing"


def seen(instance: Instance, trained_on: int, now: int) -> list[str]:
    head = instance.registry.head("people")
    assert head is not None
    table = instance.registry.parts(head).table().collect()
    release = shipped(trained_on)
    rows = current_rows(instance, instance.use_case("people"), head, table, release, FIRST + timedelta(days=now))
    return sorted(rows["id"].to_list())


def shipped(trained_on: int) -> Release:
    model = ModelVersion(
        use_case="people",
        version=1,
        run_id="run",
        uri="models:/none",
        sha256="0" * 64,
        dataset_version=trained_on,
        candidate="none",
        seed=0,
        trained_before=None,
    )
    bento = BentoRef(use_case="people", tag="people:1", path=Path("x"), sha256="1" * 64, model_version=1)
    return Release(use_case="people", number=1, dataset_version=trained_on, model=model, bento=bento)
